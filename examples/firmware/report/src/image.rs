//! What is in an image.

use crate::Result;
use object::{Object, ObjectSection, ObjectSymbol, SymbolKind};
use std::{collections::BTreeSet, fs, path::Path};

/// Bytes.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// In flash: instructions.
    pub code: u32,
    /// In flash: constants, and the first values of statics.
    pub constants: u32,
    /// Statics, without the stack.
    pub ram: u32,
    /// Statics that do not begin as zeros, whose first values lie in flash.
    pub data: u32,
}

/// An ELF file.
pub struct Image {
    /// Of its sections.
    pub sizes: Sizes,
    /// Of its symbols, demangled.
    symbols: BTreeSet<String>,
    /// Of the functions in its code, those that are inlined among them.
    functions: BTreeSet<String>,
}

impl Image {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path)?;
        let file = object::File::parse(&*bytes)?;
        let size = |name| file.section_by_name(name).map_or(0, |section| section.size() as u32);
        let sizes = Sizes {
            code: size(".text"),
            constants: size(".rodata") + size(".data"),
            ram: size(".data") + size(".bss"),
            data: size(".data"),
        };
        let symbols = file.symbols().filter_map(|symbol| symbol.name().ok()).map(demangle).collect();

        let lines = addr2line::Loader::new(path).map_err(|error| error.to_string())?;
        let mut functions = BTreeSet::new();
        for symbol in file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text) {
            // The lowest bit of the address of a Thumb function is 1.
            let start = symbol.address() & !1;
            for address in (start..start + symbol.size()).step_by(2) {
                let (mut frames, mut found) =
                    (lines.find_frames(address).map_err(|error| error.to_string())?, Vec::new());
                while let Some(frame) = frames.next().map_err(|error| error.to_string())? {
                    found.extend(frame.function);
                }
                // The last frame is the function that the others are inlined into. The linker leaves functions that it has
                // removed at address 0, where they seem to lie on others.
                let Some(outer) = found.last() else { continue };
                if last_word(&outer.demangle()?) == last_word(&demangle(symbol.name().unwrap_or_default())) {
                    for function in found {
                        functions.insert(function.demangle()?.into_owned());
                    }
                }
            }
        }
        functions.extend(
            file.symbols()
                .filter(|symbol| symbol.kind() == SymbolKind::Text)
                .filter_map(|symbol| symbol.name().ok())
                .map(demangle),
        );
        Ok(Image { sizes, symbols, functions })
    }

    /// Symbols that firmware without printing must not have: panics, formatting, a heap.
    pub fn forbidden(&self) -> impl Iterator<Item = &String> {
        const FORBIDDEN: &[&str] =
            &["core::panicking", "core::fmt", "firmware_can_panic", "alloc::", "__rust_alloc", "malloc"];
        self.symbols.iter().filter(|name| FORBIDDEN.iter().any(|part| name.contains(part)))
    }

    /// Functions of training, inlined or not, by the words in their names.
    pub fn training(&self) -> Vec<&String> {
        const WORDS: &[&str] = &[
            "backward",
            "gradient",
            "weight_gradient",
            "input_gradient",
            "chain_rule",
            "slope",
            "learn",
            "begin_step",
            "step_on",
            "Trainer",
            "Optimizer",
            "Adam",
        ];
        let words =
            |name: &str| name.split(|c: char| c != '_' && !c.is_alphanumeric()).any(|word| WORDS.contains(&word));
        self.functions.iter().filter(|name| words(name)).collect()
    }
}

/// The name of a function without its path and its types, or `{` for a closure.
fn last_word(name: &str) -> String {
    let name = name.replace("::<", "<");
    let (mut depth, mut start, mut end, mut before) = (0, 0, name.len(), ' ');
    for (at, letter) in name.char_indices() {
        match letter {
            '>' if before == '-' => {}
            '<' => {
                if depth == 0 {
                    end = at;
                }
                depth += 1;
            }
            '>' => depth -= 1,
            ':' if depth == 0 => (start, end) = (at + 1, name.len()),
            _ => {}
        }
        before = letter;
    }
    let word = name.get(start..end).unwrap_or_default();
    if word.starts_with('{') { "{".into() } else { word.into() }
}

fn demangle(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}

#[cfg(test)]
mod tests {
    use super::last_word;

    #[test]
    fn last_words() {
        for (name, word) in [
            ("update<2, baregrad::optimizers::adam::Adam>", "update"),
            ("baregrad::kernels::update::update::<2, baregrad::optimizers::adam::Adam>", "update"),
            ("<firmware::u2::Net as baregrad::net::Layer<[f32; 4]>>::walk", "walk"),
            ("core::iter::map::<fn(u8) -> u8>::{closure#0}", "{"),
            ("Reset", "Reset"),
        ] {
            assert_eq!(last_word(name), word, "{name}");
        }
    }
}
