//! FlatBuffers as the tests make them: from their end to their beginning.
#![allow(dead_code)]

use std::collections::VecDeque;

/// The end of a file. A place is counted from there.
#[derive(Default)]
pub struct Flat(VecDeque<u8>);

/// A field of a table, with its number in the schema.
pub enum Field {
    Number(usize, Vec<u8>),
    At(usize, usize),
}

impl Flat {
    fn put(&mut self, bytes: &[u8]) -> usize {
        bytes.iter().rev().for_each(|byte| self.0.push_front(*byte));
        self.0.len()
    }

    fn put_offset(&mut self, place: usize) -> usize {
        self.put(&((self.0.len() + 4 - place) as u32).to_le_bytes())
    }

    /// A vector of this many numbers, or a name.
    pub fn vector(&mut self, count: usize, numbers: &[u8]) -> usize {
        self.put(numbers);
        self.put(&(count as u32).to_le_bytes())
    }

    /// A vector of tables.
    pub fn tables(&mut self, places: &[usize]) -> usize {
        places.iter().rev().for_each(|place| _ = self.put_offset(*place));
        self.put(&(places.len() as u32).to_le_bytes())
    }

    pub fn table(&mut self, fields: &[Field]) -> usize {
        let places: Vec<(usize, usize)> = fields
            .iter()
            .map(|field| match field {
                Field::Number(number, bytes) => (*number, self.put(bytes)),
                Field::At(number, place) => (*number, self.put_offset(*place)),
            })
            .collect();
        let count = places.iter().map(|(number, _)| number + 1).max().unwrap_or(0);
        // Where the fields lie, it says right before the table.
        let length = 4 + 2 * count;
        let start = self.put(&(length as i32).to_le_bytes());
        let mut offsets = vec![0_u16; count];
        places.iter().for_each(|(number, place)| offsets[*number] = (start - place) as u16);
        let end = places.iter().map(|(_, place)| *place).min().unwrap_or(start);
        let sizes = [length as u16, (start - end) as u16];
        self.put(&sizes.into_iter().chain(offsets).flat_map(u16::to_le_bytes).collect::<Vec<_>>());
        start
    }

    /// The file, with its identifier.
    pub fn finish(mut self, root: usize) -> Vec<u8> {
        self.put(b"TFL3");
        self.put_offset(root);
        self.0.into()
    }

    /// A file of one graph, of which this is a part: tensors are field 0, operators 3.
    pub fn graph(mut self, parts: &[Field]) -> Vec<u8> {
        let graph = self.table(parts);
        let (code, none) = (self.table(&[Field::Number(3, 19_i32.to_le_bytes().into())]), self.table(&[]));
        let all = [(1, code), (2, graph), (4, none)].map(|(number, table)| Field::At(number, self.tables(&[table])));
        let model = self.table(&all);
        self.finish(model)
    }
}
