//! What a user reads who joins shapes that do not fit: compile errors are part of the interface.
//!
//! `TRYBUILD=overwrite cargo test --test ui` writes the messages anew, after the compiler changed its wording.

/// `cargo check` finds these.
#[test]
fn found_by_check() {
    trybuild::TestCases::new().compile_fail("cases/*.rs");
}

/// Sizes that only a call has are found when the call is compiled: trybuild builds, because one case passes.
#[test]
fn found_by_build() {
    let tests = trybuild::TestCases::new();
    tests.pass("fits/*.rs");
    tests.compile_fail("built/*.rs");
}
