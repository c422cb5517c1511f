/// The interrupt controller as firmware sees it: the GICv2 registers that are modelled.
/// Source: Arm Generic Interrupt Controller Architecture Specification v2 (IHI 0048B).
#pragma once

#include <stdint.h>

namespace vesper::abi::gic {

// Distributor, from the base of the bank.
constexpr uint32_t kDistributorControl = 0x000;  ///< GICD_CTLR
constexpr uint32_t kType = 0x004;                ///< GICD_TYPER
constexpr uint32_t kSetEnable = 0x100;           ///< GICD_ISENABLERn, a bit an interrupt
constexpr uint32_t kClearEnable = 0x180;         ///< GICD_ICENABLERn
constexpr uint32_t kSetPending = 0x200;          ///< GICD_ISPENDRn
constexpr uint32_t kClearPending = 0x280;        ///< GICD_ICPENDRn
constexpr uint32_t kPriority = 0x400;            ///< GICD_IPRIORITYRn, a byte an interrupt
constexpr uint32_t kTargets = 0x800;             ///< GICD_ITARGETSRn, a byte an interrupt
constexpr uint32_t kConfiguration = 0xC00;       ///< GICD_ICFGRn, two bits an interrupt, bit 1: edge

// CPU interface, from the base of the bank plus kCpuInterface.
constexpr uint64_t kCpuInterface = 0x1'0000;
constexpr uint32_t kCpuControl = 0x00;       ///< GICC_CTLR
constexpr uint32_t kPriorityMask = 0x04;     ///< GICC_PMR
constexpr uint32_t kBinaryPoint = 0x08;      ///< GICC_BPR
constexpr uint32_t kAcknowledge = 0x0C;      ///< GICC_IAR
constexpr uint32_t kEndOfInterrupt = 0x10;   ///< GICC_EOIR
constexpr uint32_t kRunningPriority = 0x14;  ///< GICC_RPR
constexpr uint32_t kHighestPending = 0x18;   ///< GICC_HPPIR

constexpr uint64_t kSize = 0x2'0000;
constexpr uint32_t kSpurious = 1023;
constexpr uint32_t kFirstPpi = 16;
constexpr uint32_t kFirstSpi = 32;
/// The PPI of the non-secure physical timer (Base System Architecture, table of PPIs).
constexpr uint32_t kPhysicalTimer = 30;

}  // namespace vesper::abi::gic
