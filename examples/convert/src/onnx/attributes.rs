//! The attributes of a node: each is read, or refused by its name.

use super::proto::{AttributeProto, NodeProto, TensorProto, attribute_type};
use crate::error::Error;

/// What of a node's attributes has not been read yet.
pub(super) struct Attributes<'a> {
    at: String,
    left: Vec<&'a AttributeProto>,
}

/// No operator that is read has as many.
const MAX: usize = 16;

impl<'a> Attributes<'a> {
    pub fn of(node: &'a NodeProto) -> Result<Self, Error> {
        let at = node.at();
        let left: Vec<_> = node.attribute.iter().collect();
        if left.len() > MAX {
            return Err(Error::unsupported(at, format!("a node of {} attributes", left.len())));
        }
        let twice = |name: &str| left.iter().filter(|other| other.name == name).count() > 1;
        match left.iter().find(|one| twice(&one.name)) {
            Some(one) => Err(Error::malformed(at, format!("{} is given twice", one.name))),
            None => Ok(Attributes { at, left }),
        }
    }

    /// Takes an attribute that has to be of this type.
    fn take(&mut self, name: &str, needed: i32) -> Result<Option<&'a AttributeProto>, Error> {
        let Some(at) = self.left.iter().position(|one| one.name == name) else { return Ok(None) };
        let found = self.left.swap_remove(at);
        // The oldest files do not say the type.
        match found.ref_attr_name.is_empty() && (found.r#type == needed || found.r#type == 0) {
            true => Ok(Some(found)),
            false => Err(Error::malformed(&self.at, format!("{name} is of another type than its operator's"))),
        }
    }

    /// An integer. One of 0 may be left out where the type is said.
    pub fn integer(&mut self, name: &str, default: i64) -> Result<i64, Error> {
        Ok(self.take(name, attribute_type::INT)?.map_or(default, |found| found.i.unwrap_or_default()))
    }

    /// A float. One of 0 may be left out where the type is said.
    pub fn float(&mut self, name: &str, default: f32) -> Result<f32, Error> {
        Ok(self.take(name, attribute_type::FLOAT)?.map_or(default, |found| found.f.unwrap_or_default()))
    }

    pub fn word(&mut self, name: &str, default: &'a str) -> Result<&'a [u8], Error> {
        let found = self.take(name, attribute_type::STRING)?;
        Ok(found.map_or(default.as_bytes(), |found| found.s.as_deref().unwrap_or_default()))
    }

    /// A list of words.
    pub fn words(&mut self, name: &str) -> Result<Option<&'a [Vec<u8>]>, Error> {
        Ok(self.take(name, attribute_type::STRINGS)?.map(|found| found.strings.as_slice()))
    }

    /// A list of integers.
    pub fn integers(&mut self, name: &str) -> Result<Option<&'a [i64]>, Error> {
        Ok(self.take(name, attribute_type::INTS)?.map(|found| found.ints.as_slice()))
    }

    /// How many integers a list has.
    pub fn count(&self, name: &str) -> usize {
        self.left.iter().find(|one| one.name == name).map_or(0, |one| one.ints.len())
    }

    /// A length for each of so many axes, 1 unless it is given.
    pub fn lengths(&mut self, name: &str, axes: usize) -> Result<Vec<usize>, Error> {
        self.lengths_or(name, axes, 1)
    }

    /// The same with another default.
    pub fn lengths_or(&mut self, name: &str, axes: usize, default: usize) -> Result<Vec<usize>, Error> {
        let Some(all) = self.integers(name)? else { return Ok(vec![default; axes]) };
        let lengths: Option<Vec<usize>> = all.iter().map(|length| usize::try_from(*length).ok()).collect();
        let unknown = || Error::unsupported(&self.at, format!("{name} = {all:?}"));
        lengths.filter(|lengths| lengths.len() == axes).ok_or_else(unknown)
    }

    /// The same length for all of so many axes.
    pub fn same(&mut self, name: &str, axes: usize) -> Result<usize, Error> {
        let all = self.lengths(name, axes)?;
        match all.windows(2).all(|pair| pair[0] == pair[1]) {
            true => Ok(all[0]),
            false => Err(Error::unsupported(&self.at, format!("{name} = {all:?}")).instead("the same along both axes")),
        }
    }

    /// Refuses a word that is not one of these, of which the first is the default.
    pub fn word_of(&mut self, name: &str, supported: &[&'static str]) -> Result<(), Error> {
        let word = self.word(name, supported[0])?;
        match supported.iter().any(|supported| supported.as_bytes() == word) {
            true => Ok(()),
            false => {
                let what = format!("{name} = {:?}", String::from_utf8_lossy(word));
                Err(Error::unsupported(&self.at, what).instead(&format!("{name} = {:?}", supported[0])))
            }
        }
    }

    pub fn tensor(&mut self, name: &str) -> Result<Option<&'a TensorProto>, Error> {
        Ok(self.take(name, attribute_type::TENSOR)?.and_then(|found| found.t.as_deref()))
    }

    /// Takes an integer that is not supported unless it is one of these, of which the first is the default.
    pub fn one_of(&mut self, name: &str, supported: &[i64]) -> Result<(), Error> {
        match self.integer(name, supported[0])? {
            value if supported.contains(&value) => Ok(()),
            value => Err(Error::unsupported(&self.at, format!("{name} = {value}"))),
        }
    }

    /// Takes a float that is not supported unless it is this.
    pub fn only(&mut self, name: &str, default: f32, supported: f32) -> Result<(), Error> {
        match self.float(name, default)? {
            value if (value - supported).abs() <= 1e-6 => Ok(()),
            value => Err(Error::unsupported(&self.at, format!("{name} = {value}"))),
        }
    }

    /// Refuses what has not been taken.
    pub fn end(self) -> Result<(), Error> {
        match self.left.first() {
            Some(other) => Err(Error::unsupported(self.at, format!("the attribute {}", other.name))),
            None => Ok(()),
        }
    }
}
