//! The configuration of a layer: each option is read, or known not to matter, or refused by its name.

use crate::error::Error;
use serde_json::Value;
use std::collections::BTreeMap;

/// What of a configuration has not been read yet.
pub(super) struct Options<'a> {
    at: &'a str,
    left: BTreeMap<&'a str, &'a Value>,
}

/// Types of the numbers that a layer computes with. Only rounding depends on them; a type of weights is checked with these.
const FLOATS: [&str; 6] = ["float16", "bfloat16", "float32", "float64", "mixed_float16", "mixed_bfloat16"];

impl<'a> Options<'a> {
    /// Of a layer, or of a model. Its name, whether it would be trained, and its type of float do not matter.
    pub fn of(at: &'a str, config: &'a Value) -> Result<Self, Error> {
        Self::of_type(at, config, is_float)
    }

    /// Of an input of tokens, which may be integers.
    pub fn of_tokens(at: &'a str, config: &'a Value) -> Result<Self, Error> {
        let is_integer = |dtype: &Value| {
            dtype.as_str().is_some_and(|name| name.strip_prefix('u').unwrap_or(name).starts_with("int"))
        };
        Self::of_type(at, config, |dtype| is_float(dtype) || is_integer(dtype))
    }

    fn of_type(at: &'a str, config: &'a Value, known: impl Fn(&Value) -> bool) -> Result<Self, Error> {
        let all = config.as_object().ok_or_else(|| Error::malformed(at, "no configuration"))?;
        let mut options = Options { at, left: all.iter().map(|(key, value)| (key.as_str(), value)).collect() };
        options.ignore(&["name", "trainable"]);
        match options.take("dtype") {
            None | Some(Value::Null) => Ok(options),
            Some(dtype) if known(dtype) => Ok(options),
            Some(dtype) => Err(options.refused("dtype", dtype)),
        }
    }

    pub fn refused(&self, key: &str, value: &Value) -> Error {
        Error::unsupported(self.at, format!("{key} = {value}"))
    }

    pub fn has(&self, key: &str) -> bool {
        self.left.contains_key(key)
    }

    /// Takes an option as it is.
    pub fn take(&mut self, key: &str) -> Option<&'a Value> {
        self.left.remove(key)
    }

    /// Takes options that change nothing in inference.
    pub fn ignore(&mut self, keys: &[&str]) {
        keys.iter().for_each(|key| _ = self.take(key));
    }

    /// Takes options that are not supported unless they are null, which is their default.
    pub fn unset(&mut self, keys: &[&str]) -> Result<(), Error> {
        for key in keys {
            match self.take(key) {
                None | Some(Value::Null) => {}
                Some(value) => return Err(self.refused(key, value)),
            }
        }
        Ok(())
    }

    pub fn flag(&mut self, key: &str, default: bool) -> Result<bool, Error> {
        match self.take(key) {
            None => Ok(default),
            Some(value) => value.as_bool().ok_or_else(|| self.refused(key, value)),
        }
    }

    pub fn number(&mut self, key: &str, default: f64) -> Result<f64, Error> {
        match self.take(key) {
            None => Ok(default),
            Some(value) => value.as_f64().ok_or_else(|| self.refused(key, value)),
        }
    }

    /// Takes an option that is not supported unless it is this.
    pub fn only(&mut self, key: &str, needed: impl Into<Value>) -> Result<(), Error> {
        let needed = needed.into();
        // 0 is 0.0.
        let same = |value: &Value| *value == needed || (needed.is_number() && value.as_f64() == needed.as_f64());
        match self.take(key) {
            Some(value) if !same(value) => Err(self.refused(key, value)),
            _ => Ok(()),
        }
    }

    /// Takes the axis of a layer that works along one, -1 if it does not say which.
    pub fn axis(&mut self) -> Result<i64, Error> {
        let axis = match self.take("axis") {
            Some(Value::Array(all)) if all.len() == 1 => &all[0],
            Some(other) => other,
            None => return Ok(-1),
        };
        axis.as_i64().ok_or_else(|| self.refused("axis", axis))
    }

    /// Takes the axis of a layer that works along the last one, of a sample with but one.
    pub fn last_axis(&mut self) -> Result<(), Error> {
        match self.axis()? {
            -1 | 1 => Ok(()),
            axis => Err(self.refused("axis", &axis.into())),
        }
    }

    /// Whether an option is not given. Takes it then.
    pub fn is_null(&mut self, key: &str) -> bool {
        let is_null = self.left.get(key).is_none_or(|value| value.is_null());
        if is_null {
            self.ignore(&[key]);
        }
        is_null
    }

    /// Takes a length.
    pub fn size(&mut self, key: &str) -> Result<usize, Error> {
        let value = self.take(key).unwrap_or(&Value::Null);
        length(value).ok_or_else(|| self.refused(key, value))
    }

    /// Takes a length for each of so many axes, which may be given as one for all.
    pub fn sizes(&mut self, key: &str, axes: usize) -> Result<Vec<usize>, Error> {
        let value = self.take(key).unwrap_or(&Value::Null);
        let all = match value {
            Value::Array(all) if all.len() == axes => all.iter().map(length).collect(),
            one => length(one).map(|length| vec![length; axes]),
        };
        all.ok_or_else(|| self.refused(key, value))
    }

    /// Takes what is before and after each of so many axes: `[[1, 2], [3, 4]]`, or `[1, 2]` for one axis.
    pub fn around(&mut self, key: &str, axes: usize) -> Result<Vec<(usize, usize)>, Error> {
        let value = self.take(key).unwrap_or(&Value::Null);
        let pair = |value: &Value| match value.as_array().map(Vec::as_slice) {
            Some([before, after]) => Some((length(before)?, length(after)?)),
            Some(_) => None,
            None => length(value).map(|both| (both, both)),
        };
        let all = match value {
            Value::Array(all) if axes > 1 && all.len() == axes => all.iter().map(pair).collect(),
            one => pair(one).map(|pair| vec![pair; axes]),
        };
        all.ok_or_else(|| self.refused(key, value))
    }

    /// Takes the same number for all of so many axes.
    pub fn same(&mut self, key: &str, axes: usize) -> Result<usize, Error> {
        let all = self.sizes(key, axes)?;
        match all.windows(2).all(|pair| pair[0] == pair[1]) {
            true => Ok(all[0]),
            false => Err(Error::unsupported(self.at, format!("{key} = {all:?}")).instead("the same along both axes")),
        }
    }

    /// Refuses what has not been taken.
    pub fn end(self) -> Result<(), Error> {
        match self.left.iter().next() {
            Some((key, value)) => Err(self.refused(key, value)),
            None => Ok(()),
        }
    }
}

fn is_float(dtype: &Value) -> bool {
    let name = match dtype["class_name"].as_str() {
        Some("DTypePolicy" | "Policy") => &dtype["config"]["name"],
        _ => dtype,
    };
    name.as_str().is_some_and(|name| FLOATS.contains(&name))
}

fn length(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|length| usize::try_from(length).ok())
}
