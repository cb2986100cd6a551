# Building, testing and looking after the code. Sourced by ./dev.

jobs() { echo "${JOBS:-$(nproc)}"; }

# A compiler cache is used where there is one, for every clone of the project together.
use_ccache() {
  have ccache || return 0
  export CMAKE_C_COMPILER_LAUNCHER=${CMAKE_C_COMPILER_LAUNCHER:-ccache}
  export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER:-ccache}
  export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$PWD} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-1}
}

# Configures a preset; further arguments are for cmake.
configure() {
  local preset=$1
  use_ccache
  mkdir -p build
  if ! cmake --preset "$preset" "${@:2}" >"build/configure-$preset.log" 2>&1; then
    cat "build/configure-$preset.log" >&2
    return 1
  fi
}

# Configures and builds a preset; further arguments are for cmake's configuration.
build() {
  configure "$@"
  cmake --build --preset "$1" --parallel "$(jobs)"
}

# With a filter only the tests whose names match it; without, everything that guards a change.
run_tests() {
  setup check build test
  check
  build dev
  if [ -n "$1" ]; then
    ctest --preset dev --parallel "$(jobs)" --tests-regex "$1"
    return
  fi
  ctest --preset dev --parallel "$(jobs)"
  build asan
  ctest --preset asan --parallel "$(jobs)"
}

cpp_files() {
  git ls-files -co --exclude-standard -- '*.h' '*.cpp' | while read -r file; do [ ! -e "$file" ] || echo "$file"; done
}

check() {
  local bad=0
  cpp_files | xargs -r -P "$(jobs)" -n 16 "$(clang_format)" --dry-run -Werror || {
    echo "format: the files above differ from what ./dev format makes of them" >&2
    bad=1
  }
  python3 -B tools/check . || bad=1
  [ $bad = 0 ] && echo "check: passed"
}

format() { cpp_files | xargs -r -P "$(jobs)" -n 16 "$(clang_format)" -i; }

# It wants the command that compiles each file alone.
tidy() {
  configure clang -DRONDO_PRECOMPILE=OFF
  if [ $# = 0 ]; then
    set -- $(git ls-files 'src/*.cpp' 'apps/*.cpp')
  fi
  printf '%s\n' "$@" | xargs -P "$(jobs)" -n 1 clang-tidy-14 -p build/clang --quiet
}

bench() {
  local program
  if [ "${1:-}" = --peers ]; then
    bench_peers "${@:2}"
    return
  fi
  configure release -DRONDO_BUILD_TESTS=ON -DRONDO_BUILD_BENCH=ON
  cmake --build --preset release --parallel "$(jobs)" --target benchmarks
  for program in build/release/bin/bench_*; do
    "$program" ${1:+--benchmark_filter="$1"}
  done
}

# Measures beside other libraries; a library that cannot be had is left out. Standard output holds the results alone.
bench_peers() {
  setup peers >&2 || echo "bench: some peers are missing" >&2
  fetch_onnxruntime >&2 || echo "bench: npm could not fetch onnxruntime-node" >&2
  configure release -DRONDO_BUILD_TESTS=ON -DRONDO_BUILD_BENCH=ON >&2
  cmake --build --preset release --parallel "$(jobs)" --target peers rondo_program >&2
  python3 -B bench/peers/compare.py "$@"
}

# Its scripts would fetch libraries for graphics cards.
fetch_onnxruntime() {
  local into=build/peers
  [ ! -d "$into/node_modules/onnxruntime-node" ] || return 0
  mkdir -p "$into"
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$into" onnxruntime-node@1.30.0
}

# A task is a program in bench/quality/. Standard output holds its table alone; a table of kept rows needs no build. The
# task replaces this shell, so that what stops the one stops the other.
quality() {
  local task=$1 script=bench/quality/$1
  if [ ! -f "$script" ] || [ ! -x "$script" ]; then
    echo "./dev quality: no such task: $task; there are:" $(find bench/quality -maxdepth 1 -type f -executable -printf '%f\n' | sort) >&2
    return 2
  fi
  case " ${*:2} " in
    *" --table "* | *" --help "* | *" -h "*) ;;
    *)
      setup build quality >&2
      build release -DRONDO_BUILD_TESTS=OFF >&2
      ;;
  esac
  exec python3 -B "$script" "${@:2}"
}

# The system's python3, which is the one that Debian's PyTorch belongs to.
golden() {
  local script
  for script in tests/golden/make_*.py; do
    echo "golden: $script"
    /usr/bin/python3 -B "$script"
  done
}

# One target, with what it has found before and the kept corpus; its words go to a log.
fuzz_one() {
  local target=$1 seconds=$2 name=${1##*/fuzz_}
  local log=build/fuzz/$name.log
  mkdir -p "build/fuzz/corpus/$name"
  if "$target" -max_total_time="$seconds" -print_final_stats=1 -artifact_prefix="build/fuzz/$name-" \
    "build/fuzz/corpus/$name" $(ls -d "tests/fuzz/corpus/$name" 2>/dev/null) >"$log" 2>&1; then
    echo "fuzz: $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs in $seconds s, no fault"
  else
    tail -n 40 "$log"
    echo "fuzz: $name: FAULT; all that it printed: $log" >&2
    return 1
  fi
}

# As many targets at once as there are jobs. All are run, whatever one finds.
fuzz() {
  build fuzz
  export -f fuzz_one
  printf '%s\n' build/fuzz/bin/fuzz_* | xargs -P "$(jobs)" -I '{}' bash -c 'fuzz_one "$@"' bash '{}' "$1"
}

build_docs() {
  mkdir -p build/docs
  doxygen docs/Doxyfile
  echo "docs: build/docs/html/index.html"
}
