extern "C" void main() {
  for (;;) asm volatile("");
}
