#!/usr/bin/env bash
# PyTorch 1.13.1 (Debian 12): installed as it is, a product of matrices takes many times as long as with another BLAS beside it.
#
# Guess, written down first: the package is built with oneDNN (torch.backends.mkldnn.is_available() is true), so a product of
#   f32 matrices runs at oneDNN's speed, and which BLAS apt has chosen matters little (less than 1.5 times).
# Seen: products, linear layers and LSTMs in f32 all go to BLAS. The first alternative of libtorch's dependency is libblas3, the
#   reference implementation in Fortran, and apt takes that. Nothing warns of it: torch.__config__.show() says
#   BLAS_INFO=generic either way. With libopenblas0-openmp beside it, the same product of 512 x 512 in the same program is tens of
#   times as fast on a processor with AVX-512; 64 texts written side by side by an LSTM of 2 x 256 went from 2 400 to 40 500
#   tokens a second on one thread.
# So: whoever compares with `apt-get install python3-torch` on a bare Debian compares with the wrong thing. rondo's
#   `./dev quality` and `./dev bench --peers` want libopenblas0-openmp, and start PyTorch with it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
triplet=$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")
version=1.13.1+dfsg-4
mkdir -p archives/partial blas
(cd blas && apt-get -q download libblas3=3.11.0-2 libopenblas0-openmp=0.3.21+ds-4 libgfortran5=12.2.0-14+deb12u1 >/dev/null 2>&1)
for package in blas/*.deb; do dpkg-deb -x "$package" root; done
if [ "$(dpkg-query -W -f '${Version}' python3-torch 2>/dev/null || true)" != "$version" ]; then
  apt-get -q -y -o Dir::Cache::archives="$PWD/archives" --no-install-recommends --download-only install "python3-torch=$version" >/dev/null
  for package in archives/*.deb; do dpkg-deb -x "$package" root; done
  export PYTHONPATH=$PWD/root/usr/lib/python3/dist-packages
fi
libraries=$(find "$PWD/root" \( -name blas -o -name lapack -o -name openblas-openmp \) -prune -o -name 'lib*.so*' -printf '%h\n' | sort -u | paste -sd:)

cat >multiply.py <<'PYTHON'
import time
import torch

torch.set_num_threads(1)
a = torch.ones(512, 512)
a @ a
times = []
for _ in range(5):
    begin = time.perf_counter()
    for _ in range(4):
        a @ a
    times.append((time.perf_counter() - begin) / 4)
print(torch.__version__, torch.backends.mkldnn.is_available(), "BLAS_INFO=generic" in torch.__config__.show(),
      2 * 512**3 / min(times) / 1e9)
PYTHON

# by BLAS: prints version, whether oneDNN is there, whether BLAS is called generic, and billions of operations a second
by() {
  LD_LIBRARY_PATH="$PWD/root/usr/lib/$triplet/$1:$libraries:$PWD/root/usr/lib/$triplet/lapack" OMP_NUM_THREADS=1 /usr/bin/python3 -B multiply.py
}
read -r torch has_dnnl generic slow < <(by blas)
read -r _ _ generic_too fast < <(by openblas-openmp)
echo "PyTorch $torch, oneDNN: $has_dnnl; 512 x 512 x 512 in f32 on one thread: $slow GFLOP/s by libblas3, $fast by libopenblas0-openmp"
[ "$has_dnnl $generic $generic_too" = "True True True" ] &&
  /usr/bin/python3 -c "import sys; sys.exit(float(sys.argv[2]) < 3 * float(sys.argv[1]))" "$slow" "$fast" ||
  { echo "Debian's PyTorch no longer behaves as stated above" >&2; exit 1; }
