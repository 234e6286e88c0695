//! Layers and nets as text.

use core::fmt;

/// Writes the name of a type without the paths of modules, such as `Chain<Dense<2, 8, Tanh>, Dense<8, 1>>`.
///
/// # Errors
/// As [`fmt::Write::write_str`].
pub fn write_type<T>(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write_name(core::any::type_name::<T>(), f)
}

fn write_name(name: &str, f: &mut impl fmt::Write) -> fmt::Result {
    let ends_path = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':');
    name.split_inclusive(ends_path).try_for_each(|part| f.write_str(part.rsplit("::").next().unwrap_or(part)))
}

/// Implements `Debug`, which writes the type: `debug!([A] Activate<A>)`.
macro_rules! debug {
    ([$($generic:tt)*] $Type:ty) => {
        impl<$($generic)*> core::fmt::Debug for $Type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                crate::tensor::write_type::<Self>(f)
            }
        }
    };
}
pub(crate) use debug;

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    #[test]
    fn paths_are_left_out() {
        let mut text = String::new();
        write_name("a::b::Net<a::_c9::Dense<2, 8>, [[f32; 3]; 4], fn() -> d::E>", &mut text).unwrap();
        assert_eq!(text, "Net<Dense<2, 8>, [[f32; 3]; 4], fn() -> E>");
    }
}
