//! Images get their memory map from `image.x`.

fn main() {
    println!("cargo::rerun-if-changed=image.x");
    let here = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    println!("cargo::rustc-link-arg-bins=-T{here}/image.x");
    println!("cargo::rustc-link-arg-bins=--gc-sections");
}
