// Reset, exception vectors and the ways into C++: EL1h, MMU off, one core.

  .section .text.start, "ax"
  .global _start
  .type _start, %function
_start:
  msr daifset, #0xf
  ldr x0, =vectors
  msr vbar_el1, x0
  mov x0, #(3 << 20)           // CPACR_EL1.FPEN: floating point is not trapped
  msr cpacr_el1, x0
  isb
  ldr x0, =__stack_top
  mov sp, x0
  ldr x0, =__bss_start
  ldr x1, =__bss_end
1:
  cmp x0, x1
  b.hs 2f
  stp xzr, xzr, [x0], #16
  b 1b
2:
  ldr x19, =__init_array_start
  ldr x20, =__init_array_end
3:
  cmp x19, x20
  b.hs 4f
  ldr x0, [x19], #8
  blr x0
  b 3b
4:
  bl main
  mov x0, #0
  b vesper_exit
  .size _start, . - _start

// What a handler in C++ may overwrite, and what a nested exception would: 22 general and 24 vector registers.
  .set kFrame, 576
  .macro save_context
  sub sp, sp, #kFrame
  stp x0, x1, [sp]
  stp x2, x3, [sp, #16]
  stp x4, x5, [sp, #32]
  stp x6, x7, [sp, #48]
  stp x8, x9, [sp, #64]
  stp x10, x11, [sp, #80]
  stp x12, x13, [sp, #96]
  stp x14, x15, [sp, #112]
  stp x16, x17, [sp, #128]
  stp x18, x30, [sp, #144]
  mrs x0, elr_el1
  mrs x1, spsr_el1
  stp x0, x1, [sp, #160]
  stp q0, q1, [sp, #192]
  stp q2, q3, [sp, #224]
  stp q4, q5, [sp, #256]
  stp q6, q7, [sp, #288]
  stp q16, q17, [sp, #320]
  stp q18, q19, [sp, #352]
  stp q20, q21, [sp, #384]
  stp q22, q23, [sp, #416]
  stp q24, q25, [sp, #448]
  stp q26, q27, [sp, #480]
  stp q28, q29, [sp, #512]
  stp q30, q31, [sp, #544]
  mrs x0, fpsr
  mrs x1, fpcr
  stp x0, x1, [sp, #176]
  .endm

  .macro restore_context
  ldp x0, x1, [sp, #176]
  msr fpsr, x0
  msr fpcr, x1
  ldp q30, q31, [sp, #544]
  ldp q28, q29, [sp, #512]
  ldp q26, q27, [sp, #480]
  ldp q24, q25, [sp, #448]
  ldp q22, q23, [sp, #416]
  ldp q20, q21, [sp, #384]
  ldp q18, q19, [sp, #352]
  ldp q16, q17, [sp, #320]
  ldp q6, q7, [sp, #288]
  ldp q4, q5, [sp, #256]
  ldp q2, q3, [sp, #224]
  ldp q0, q1, [sp, #192]
  ldp x0, x1, [sp, #160]
  msr elr_el1, x0
  msr spsr_el1, x1
  ldp x18, x30, [sp, #144]
  ldp x16, x17, [sp, #128]
  ldp x14, x15, [sp, #112]
  ldp x12, x13, [sp, #96]
  ldp x10, x11, [sp, #80]
  ldp x8, x9, [sp, #64]
  ldp x6, x7, [sp, #48]
  ldp x4, x5, [sp, #32]
  ldp x2, x3, [sp, #16]
  ldp x0, x1, [sp]
  add sp, sp, #kFrame
  .endm

  .section .text.vectors, "ax"
  .type irq_entry, %function
irq_entry:
  save_context
  bl vesper_interrupt
  restore_context
  eret
  .size irq_entry, . - irq_entry

// The handler gets {ESR, FAR, ELR} and may change the ELR that is returned to.
  .type synchronous_entry, %function
synchronous_entry:
  save_context
  mrs x0, esr_el1
  mrs x1, far_el1
  mrs x2, elr_el1
  sub sp, sp, #32
  stp x0, x1, [sp]
  str x2, [sp, #16]
  mov x0, sp
  bl vesper_exception
  ldr x2, [sp, #16]
  add sp, sp, #32
  str x2, [sp, #160]
  restore_context
  eret
  .size synchronous_entry, . - synchronous_entry

  .type unexpected_entry, %function
unexpected_entry:
  mov x0, x18
  b vesper_unexpected_vector
  .size unexpected_entry, . - unexpected_entry

  .macro unexpected_vector number
  .balign 0x80
  mov x18, #\number
  b unexpected_entry
  .endm

  .balign 0x800
  .type vectors, %function
vectors:
  unexpected_vector 0          // current EL with SP_EL0
  unexpected_vector 1
  unexpected_vector 2
  unexpected_vector 3
  .balign 0x80
  b synchronous_entry          // current EL with SP_ELx
  .balign 0x80
  b irq_entry
  unexpected_vector 6
  unexpected_vector 7
  unexpected_vector 8          // lower EL, AArch64
  unexpected_vector 9
  unexpected_vector 10
  unexpected_vector 11
  unexpected_vector 12         // lower EL, AArch32
  unexpected_vector 13
  unexpected_vector 14
  unexpected_vector 15
  .size vectors, . - vectors
