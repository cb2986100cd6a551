// Owns the precompiled header of the tests (see tests/CMakeLists.txt) and does nothing.
int main() {
  return 0;
}
