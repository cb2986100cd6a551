#!/usr/bin/env python3
"""Fits the polynomials of src/kernels/simd/maths_inl.h and prints them, lowest power first. Needs python3-mpmath."""
from mpmath import cos, exp, log, lu_solve, matrix, mp, mpf, nstr, pi, polyval, qr_solve, sqrt, tanh

mp.prec = 160
TINY = mpf(10) ** -20


def chebyshev_points(low, high, count):
    middle, reach = (low + high) / 2, (high - low) / 2
    return [middle + reach * cos(pi * (2 * i + 1) / (2 * count)) for i in range(count)]


def interpolate(function, low, high, degree):
    """The polynomial through the function at Chebyshev's points, close to the best one there is."""
    points = chebyshev_points(low, high, degree + 1)
    powers = matrix([[x**j for j in range(degree + 1)] for x in points])
    return list(lu_solve(powers, matrix([function(x) for x in points])))


def odd_rational(function, high, above, below, rounds=60):
    """x p(x^2) / q(x^2) with q(0) = 1 on [0, high], and its worst relative error.

    Linear least squares of function q - x p over the last denominator; weights grow where the error is large, which
    leads to errors of one size everywhere.
    """
    points = chebyshev_points(mpf(0), high, 140)
    weights, denominators = [mpf(1)] * len(points), [mpf(1)] * len(points)
    best = None
    for _ in range(rounds):
        rows, right = [], []
        for x, weight, denominator in zip(points, weights, denominators):
            y, u = function(x), x * x
            scale = sqrt(weight) / (denominator * y)
            row = [x * u**j for j in range(above + 1)] + [-y * u**j for j in range(1, below + 1)]
            rows.append([scale * value for value in row])
            right.append(scale * y)
        solution, _ = qr_solve(matrix(rows), matrix(right))
        p, q = list(solution[: above + 1]), [mpf(1)] + list(solution[above + 1 :])
        denominators = [polyval(q[::-1], x * x) for x in points]
        errors = [
            abs(x * polyval(p[::-1], x * x) / denominator / function(x) - 1)
            for x, denominator in zip(points, denominators)
        ]
        worst = max(errors)
        if best is None or worst < best[0]:
            best = (worst, p, q)
        weights = [weight * (error / worst + mpf("0.02")) for weight, error in zip(weights, errors)]
        total = sum(weights)
        weights = [weight / total * len(points) for weight in weights]
    return best


def show(name, coefficients):
    print(name, ", ".join(nstr(value, 10) for value in coefficients))


def exp_tail(r):
    return (exp(r) - 1 - r) / (r * r) if abs(r) > TINY else mpf(1) / 2


def exp2_tail(r):
    return (mpf(2) ** r - 1) / r if abs(r) > TINY else log(mpf(2))


def log_tail(f):
    return (log(1 + f) - f + f * f / 2) / f**3 if abs(f) > TINY else mpf(1) / 3


def main():
    half_step = log(mpf(2)) / 2
    show("exp: 1 + r + r^2 q(r), q =", interpolate(exp_tail, -half_step, half_step, 4))
    show("2^r: 1 + r q(r), q =", interpolate(exp2_tail, -mpf(1) / 2, mpf(1) / 2, 4))
    low, high = sqrt(mpf(1) / 2) - 1, sqrt(mpf(2)) - 1
    show("log: f - f^2 / 2 + f^3 q(f), q =", interpolate(log_tail, low, high, 8))
    worst, p, q = odd_rational(tanh, mpf(9), 4, 4)
    print("tanh up to 9: x p(x^2) / q(x^2), relative error", nstr(worst, 3))
    show("  p =", p)
    show("  q =", q)


if __name__ == "__main__":
    main()
