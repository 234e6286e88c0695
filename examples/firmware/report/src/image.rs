//! What is in an image.

use crate::Result;
use object::{Object, ObjectSection, ObjectSymbol, SectionKind, SymbolKind};
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
        };
        let symbols = file.symbols().filter_map(|symbol| symbol.name().ok()).map(demangle).collect();

        let lines = addr2line::Loader::new(path).map_err(|error| error.to_string())?;
        let mut functions = BTreeSet::new();
        for section in file.sections().filter(|section| section.kind() == SectionKind::Text) {
            for address in (section.address()..section.address() + section.size()).step_by(2) {
                let mut frames = lines.find_frames(address).map_err(|error| error.to_string())?;
                while let Some(frame) = frames.next().map_err(|error| error.to_string())? {
                    if let Some(name) = frame.function {
                        functions.insert(name.demangle()?.into_owned());
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

fn demangle(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}
