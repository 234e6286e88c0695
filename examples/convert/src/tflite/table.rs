//! Tables of a FlatBuffer. planus reads them in safe code, and checks each access; its generated bindings would also write.

use crate::error::Error;
use planus::errors::ErrorKind;
use planus::table_reader::Table as Inner;
use planus::{SliceWithStartOffset, TableRead, Vector, VectorRead};
use std::borrow::Cow;

// What is used of planus is meant for generated code, and that is bound to one version.
const _: () = planus::check_version_compatibility("planus-1.3.0");

/// A table of the file.
#[derive(Clone, Copy)]
pub(super) struct Table<'a>(Inner<'a>);

/// A field of a table: its number in TensorFlow's `schema.fbs`, and its name.
pub(super) type Field = (usize, &'static str);

impl<'a> TableRead<'a> for Table<'a> {
    fn from_buffer(buffer: SliceWithStartOffset<'a>, offset: usize) -> Result<Self, ErrorKind> {
        Inner::from_buffer(buffer, offset).map(Table)
    }
}

/// A vector of tables.
struct Tables<'a> {
    buffer: SliceWithStartOffset<'a>,
    count: usize,
}

impl<'a> TableRead<'a> for Tables<'a> {
    fn from_buffer(buffer: SliceWithStartOffset<'a>, offset: usize) -> Result<Self, ErrorKind> {
        let number = |buffer, offset| <u32 as TableRead>::from_buffer(buffer, offset).map(|number| number as usize);
        let start = offset.checked_add(number(buffer, offset)?).ok_or(ErrorKind::InvalidOffset)?;
        let buffer = buffer.advance(start)?;
        let count = number(buffer, 0)?;
        match count <= buffer.len() / 4 {
            true => Ok(Tables { buffer, count }),
            false => Err(ErrorKind::InvalidLength),
        }
    }
}

impl<'a> Table<'a> {
    /// The root of a file.
    pub fn root(bytes: &'a [u8]) -> Result<Self, Error> {
        let buffer = SliceWithStartOffset { buffer: bytes, offset_from_start: 0 };
        Table::from_buffer(buffer, 0).map_err(|error| Error::malformed("TFLite", error.to_string()))
    }

    /// A field, if the table has it: a number, or what is looked at where it lies.
    pub fn field<T: TableRead<'a>>(&self, (number, name): Field) -> Result<Option<T>, Error> {
        self.0.access(number, "", name).map_err(|error| Error::malformed("TFLite", format!("{name}: {error}")))
    }

    /// A field, or the schema's default.
    pub fn or<T: TableRead<'a>>(&self, field: Field, default: T) -> Result<T, Error> {
        Ok(self.field(field)?.unwrap_or(default))
    }
}

/// Counts what is read: vectors and names may be shared, so that a small file could stand for a large one.
pub(super) struct Budget {
    left: usize,
    bound: usize,
}

impl Budget {
    /// Of a file of this many bytes. Each entry of a vector that is not shared takes a byte or more.
    pub fn of_file(bytes: usize) -> Self {
        let bound = bytes.saturating_mul(2);
        Budget { left: bound, bound }
    }

    fn spend(&mut self, name: &str, count: usize) -> Result<(), Error> {
        let (at, declared) = (name.into(), (self.bound - self.left).saturating_add(count) as u64);
        let too_large = Error::TooLarge { at, declared, bound: self.bound as u64 };
        self.left = self.left.checked_sub(count).ok_or(too_large)?;
        Ok(())
    }

    /// The numbers of a vector; none if the table does not have it.
    pub fn row<'a, T: VectorRead<'a>>(&mut self, table: &Table<'a>, field: Field) -> Result<Vec<T>, Error> {
        let Some(row) = table.field::<Vector<'a, T>>(field)? else { return Ok(Vec::new()) };
        self.spend(field.1, row.len())?;
        Ok(row.iter().collect())
    }

    /// The tables of a vector.
    pub fn tables<'a>(&mut self, table: &Table<'a>, field: Field) -> Result<Vec<Table<'a>>, Error> {
        let Some(Tables { buffer, count }) = table.field(field)? else { return Ok(Vec::new()) };
        self.spend(field.1, count)?;
        let at = |place| Table::from_buffer(buffer, 4 + 4 * place);
        let all: Result<_, _> = (0..count).map(at).collect();
        all.map_err(|error| Error::malformed("TFLite", format!("{}: {error}", field.1)))
    }

    /// Another copy of a name.
    pub fn again<'a>(&mut self, text: &Cow<'a, str>) -> Result<Cow<'a, str>, Error> {
        match text {
            Cow::Borrowed(text) => Ok(Cow::Borrowed(text)),
            Cow::Owned(text) => self.spend("custom_code", text.len()).map(|()| Cow::Owned(text.clone())),
        }
    }

    /// A name, or an empty one.
    pub fn text<'a>(&mut self, table: &Table<'a>, field: Field) -> Result<Cow<'a, str>, Error> {
        let text = table.or::<&[u8]>(field, &[])?;
        self.spend(field.1, text.len())?;
        Ok(String::from_utf8_lossy(text))
    }
}
