# What each part of the work needs, and how to get it. Sourced by ./dev.
#
# A need is a line "PROBE PACKAGE": the Debian package that is installed when the probe fails. So a tool that came
# another way (a newer cmake in /usr/local, say) counts, and nothing happens when nothing is missing.
#   have:TOOL       TOOL is in the PATH
#   pkg:MODULE      pkg-config knows MODULE
#   file:PATH       PATH exists
#   anything else   a function below that says yes or no

needs_build='
has_compiler       g++
has_cmake          cmake
have:ninja         ninja-build
have:pkg-config    pkg-config
pkg:libhwy         libhwy-dev
pkg:nlohmann_json  nlohmann-json3-dev
pkg:eigen3         libeigen3-dev
pkg:CLI11          libcli11-dev
pkg:libutf8proc    libutf8proc-dev
pkg:sentencepiece  libsentencepiece-dev
pkg:sndfile        libsndfile1-dev
pkg:soxr           libsoxr-dev
file:/usr/include/kissfft/kissfft.hh libkissfft-dev
pkg:tomlplusplus   libtomlplusplus-dev
pkg:fmt            libfmt-dev
pkg:zlib           zlib1g-dev
pkg:liblzma        liblzma-dev
pkg:expat          libexpat1-dev'
needs_test='
pkg:gtest          libgtest-dev
pkg:gmock          libgmock-dev
pkg:protobuf       libprotobuf-dev
have:python3       python3'
needs_check='
has_clang_format   clang-format-14
have:python3       python3
have:git           git'
needs_demo='
have:npm           npm'
needs_tidy='
have:clang-tidy-14 clang-tidy-14
have:python3       python3'
needs_bench='
pkg:benchmark      libbenchmark-dev'
# What rondo is compared with. PyTorch is fastest with BLAS on the same OpenMP threads.
needs_peers='
has_torch          python3-torch
has_openblas       libopenblas0-openmp
has_dnnl           libdnnl-dev
have:npm           npm'
# What rows of a quality table compare with.
needs_quality='
has_torch          python3-torch
has_openblas       libopenblas0-openmp
has_jieba          python3-jieba
has_pieces         python3-sentencepiece
has_statsmodels    python3-statsmodels
have:fasttext      fasttext
have:espeak-ng     espeak-ng'
needs_fuzz='
has_clang          clang
has_fuzzer         libclang-rt-14-dev'
needs_docs='
have:doxygen       doxygen'
needs_golden='
has_torch          python3-torch'

have() { command -v "$1" >/dev/null 2>&1; }

at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

has_compiler() { have "${CXX:-c++}"; }
has_cmake() { have cmake && at_least "$(cmake --version | sed -n '1s/[^0-9]*//p')" 3.25; }
has_clang() { have clang++; }
has_fuzzer() { have clang++ && [ -e "$(clang++ -print-runtime-dir)/libclang_rt.fuzzer-x86_64.a" ] ||
  [ -e "$(clang++ -print-runtime-dir 2>/dev/null)/libclang_rt.fuzzer.a" ]; }
has_module() { /usr/bin/python3 -c "import importlib.util as u, sys; sys.exit(u.find_spec('$1') is None)" 2>/dev/null; }
has_torch() { has_module torch; }
has_jieba() { has_module jieba; }
has_pieces() { has_module sentencepiece; }
has_statsmodels() { has_module statsmodels; }
has_openblas() { compgen -G '/usr/lib/*/openblas-openmp/libblas.so.3' >/dev/null; }
has_dnnl() { [ -e /usr/include/oneapi/dnnl/dnnl.hpp ]; }
has_clang_format() { [ -n "$(clang_format)" ]; }

# Version 14, under whatever name: other versions lay out a few constructs differently.
clang_format() {
  local name
  for name in clang-format-14 clang-format; do
    if have "$name" && "$name" --version | grep -q 'version 14\.'; then
      echo "$name"
      return
    fi
  done
}

is_met() {
  case $1 in
    have:*) have "${1#have:}" ;;
    pkg:*)  have pkg-config && pkg-config --exists "${1#pkg:}" ;;
    file:*) [ -e "${1#file:}" ] ;;
    *)      "$1" ;;
  esac
}

# Prints the packages that the given parts of the work still need.
missing_packages() {
  local part list probe package
  for part in "$@"; do
    list=needs_$part
    [ -n "${!list:-}" ] || { echo "./dev setup: no such part: $part" >&2; return 2; }
    while read -r probe package; do
      [ -z "$probe" ] || is_met "$probe" || echo "$package"
    done <<<"${!list}"
  done | sort -u
}

# Installs what the given parts (build, test, check, demo, ...) need and do not find.
setup() {
  local missing as_root=()
  missing=$(missing_packages "$@") || return
  [ -n "$missing" ] || return 0
  if ! have apt-get; then
    echo "./dev: missing, and there is no apt-get to install it: what Debian calls" $missing >&2
    return 1
  fi
  if [ "$(id -u)" != 0 ]; then
    have sudo || { echo "./dev: needs root for: apt-get install" $missing >&2; return 1; }
    as_root=(sudo)
  fi
  echo "setup: installing" $missing
  # Configuring a package must not ask: nobody may be there to answer.
  as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0)
  "${as_root[@]}" update </dev/null >/dev/null
  "${as_root[@]}" install --no-install-recommends $missing </dev/null >/dev/null
  hash -r
  missing=$(missing_packages "$@")
  [ -z "$missing" ] || { echo "./dev: still missing after the installation:" $missing >&2; return 1; }
}
