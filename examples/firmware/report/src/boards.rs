//! The boards, as QEMU names them.

/// A board and how to build for it.
pub struct Board {
    /// Its name in the report.
    pub name: &'static str,
    /// Its name in QEMU.
    pub machine: &'static str,
    /// Its processor.
    pub core: &'static str,
    /// Rust's target.
    pub target: &'static str,
    /// Flags for the compiler.
    pub flags: &'static str,
    /// Whether `strict` promises it the bits of the others.
    pub exact: bool,
    /// Whether U1 and U2 are measured with other profiles than Cargo's own.
    pub profiles: bool,
    /// The machine that `build::PROGRAMS` are built for: its own, or one with the same target and clock and less memory.
    pub built_for: &'static str,
    /// Programs that only this board has the memory for, or the speed.
    pub more: &'static [&'static str],
    /// The firmware's features that have them.
    pub features: &'static str,
    /// Programs that the compiler translates wrongly; how they end is written down, and no failure.
    pub miscompiled: &'static [&'static str],
}

const fn board(name: &'static str, core: &'static str, target: &'static str) -> Board {
    let (machine, built_for) = (name, name);
    let (flags, exact, profiles, more, features, miscompiled) = ("", true, false, &[], "", &[]);
    Board { name, machine, core, target, flags, exact, profiles, built_for, more, features, miscompiled }
}

impl Board {
    /// Whether it computes with floats in software.
    pub fn soft_float(&self) -> bool {
        self.core.ends_with("soft float")
    }
}

/// All of them.
pub const ALL: &[Board] = &[
    Board {
        profiles: true,
        features: "int8",
        more: &["u3", "u4", "ds_cnn_int8", "tiny8"],
        ..board("microbit", "Cortex-M0, soft float", "thumbv6m-none-eabi")
    },
    board("mps2-an385", "Cortex-M3, soft float", "thumbv7m-none-eabi"),
    Board {
        profiles: true,
        features: "int8,large",
        more: &[
            "u3",
            "u3_two",
            "u4",
            "u4_two",
            "ds_cnn_int8",
            "ds_cnn_int8_two",
            "tiny8",
            "u5",
            "u5_train",
            "gesture",
            "ds_cnn",
            "ds_cnn_in_place",
        ],
        ..board("mps2-an386", "Cortex-M4F", "thumbv7em-none-eabihf")
    },
    Board {
        built_for: "mps2-an386",
        features: "large",
        more: &["ds_cnn_head", "ds_cnn_block", "ds_cnn_blocks"],
        ..board("mps2-an500", "Cortex-M7", "thumbv7em-none-eabihf")
    },
    board("mps2-an505", "Cortex-M33", "thumbv8m.main-none-eabihf"),
    Board {
        features: "large",
        more: &["ds_cnn_all"],
        ..board("mps3-an547", "Cortex-M55", "thumbv8m.main-none-eabihf")
    },
    // Helium's vectors flush subnormal numbers to zero, and LLVM 22 translates two things wrongly: `x < y` is true if one is
    // NaN (`vcmp.f32 lt`), and bytes that become floats are divided by 4096 instead of 16, with `#12` for `#4` in the
    // `vcvt.f32.u32` of `pub fn f(x: &[u8; 16]) -> [f32; 16] { x.map(|x| x as f32 / 16.0) }`.
    Board {
        name: "mps3-an547-helium",
        core: "Cortex-M55 with Helium",
        flags: "-Ctarget-cpu=cortex-m55",
        exact: false,
        features: "int8",
        more: &["u3", "u4", "ds_cnn_int8"],
        miscompiled: &["digits", "adapt"],
        ..board("mps3-an547", "", "thumbv8m.main-none-eabihf")
    },
    Board {
        name: "virt-imac",
        core: "RISC-V, soft float",
        features: "int8",
        more: &["u3", "ds_cnn_int8"],
        ..board("virt", "", "riscv32imac-unknown-none-elf")
    },
    Board { name: "virt-imafc", core: "RISC-V with floats", ..board("virt", "", "riscv32imafc-unknown-none-elf") },
];
