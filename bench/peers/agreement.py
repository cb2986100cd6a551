"""Whether two peers computed the same: files NAME.f32 of both."""
import array

# Of the largest magnitude in the array, by the type of rondo's weights.
TOLERANCE = {"f32": 1e-4, "int8": 0.01, "w8a8": 0.02}
SAMPLES = 200_000


def read(path):
    values = array.array("f")
    values.frombytes(path.read_bytes())
    return values


def difference(ours, theirs):
    """Largest difference relative to the largest magnitude; infinite for other sizes or what is not a number."""
    if len(ours) != len(theirs):
        return float("inf")
    # An odd step meets every column of a matrix with an even number of them.
    step = max(1, len(ours) // SAMPLES) | 1
    ours, theirs = ours[::step], theirs[::step]
    largest = max((abs(value) for value in theirs), default=0)
    error = 0.0
    for a, b in zip(ours, theirs):
        if not abs(a - b) <= error:
            error = abs(a - b)
    if error != error:
        return float("inf")
    return error / largest if largest > 0 else error


def differences(ours, theirs, weights="f32"):
    """Pairs of name and difference of all that is above the tolerance, over the files of both folders. What only
    one of them wrote (a peer that has one bias where others have two) is not compared, but there must be something."""
    names = sorted({path.name for path in ours.iterdir()} & {path.name for path in theirs.iterdir()})
    if not names:
        return [("everything", float("inf"))]
    found = [(name.removesuffix(".f32"), difference(read(ours / name), read(theirs / name))) for name in names]
    return [(name, error) for name, error in found if not error <= TOLERANCE[weights]]
