//! WebAssembly: `wasm.mjs` does what it cannot do itself.

mod imports {
    unsafe extern "C" {
        pub fn write(start: *const u8, length: usize);
        pub fn exit(status: u32) -> !;
    }
}

pub fn start() {}

pub fn write(bytes: &[u8]) {
    // SAFETY: the host reads these bytes.
    unsafe { imports::write(bytes.as_ptr(), bytes.len()) };
}

pub fn exit(passed: bool) -> ! {
    // SAFETY: the host throws an exception, which ends the call of `main`.
    unsafe { imports::exit(u32::from(!passed)) }
}

/// There is nothing to count with.
pub fn ticks() -> u64 {
    0
}

pub fn instructions_since(_: u64) -> u64 {
    0
}

pub fn deepest_stack() -> u32 {
    0
}

pub fn stack_room() -> u32 {
    u32::MAX
}
