//! The boards that run int8 nets, and what runs instead where a net does not fit.

/// A processor, and the machine of QEMU that runs its images.
pub struct Board {
    /// Its processor.
    pub core: &'static str,
    /// Rust's target.
    pub target: &'static str,
    /// Flags for the compiler.
    pub flags: &'static str,
    /// The machine.
    pub machine: &'static str,
    /// A larger machine that runs the same images, for nets that do not fit.
    pub larger: Option<&'static str>,
}

/// All of them; a machine without a name is this host or node.
pub const ALL: &[Board] = &[
    Board {
        core: "Cortex-M0",
        target: "thumbv6m-none-eabi",
        flags: "",
        machine: "microbit",
        larger: Some("mps2-an385"),
    },
    Board { core: "Cortex-M4F", target: "thumbv7em-none-eabihf", flags: "", machine: "mps2-an386", larger: None },
    Board { core: "Cortex-M33", target: "thumbv8m.main-none-eabihf", flags: "", machine: "mps2-an505", larger: None },
    Board {
        core: "Cortex-M55, Helium",
        target: "thumbv8m.main-none-eabihf",
        flags: "-Ctarget-cpu=cortex-m55",
        machine: "mps3-an547",
        larger: None,
    },
    Board { core: "RISC-V imac", target: "riscv32imac-unknown-none-elf", flags: "", machine: "virt", larger: None },
    Board { core: "WebAssembly", target: "wasm32-unknown-unknown", flags: "", machine: "", larger: None },
];
