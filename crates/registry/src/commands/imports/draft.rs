//! What can be made of a row before anything is asked of the database: on the thread that reads, while the database is busy
//! with the rows before.

use chassis::csv::FileRow;
use registry_contract::{CustomerId, NewCustomer};

use crate::commands::registration::Candidate;
use crate::domain::import::{Mapping, Reading};
use crate::domain::{CustomerDetails, Definitions, Faults};

/// The new customer of a row, or what is wrong with it.
pub(super) type New = Result<Box<Candidate>, Faults>;

/// A row, and what it says.
pub(super) struct Draft {
    pub row: FileRow,
    pub reading: Reading,
    pub faults: Faults,
    /// What it is if nobody is known yet by what it names; not for rows with faults or custom fields, which only the database
    /// knows the meaning of.
    pub new: Option<New>,
}

impl Draft {
    pub fn of(row: FileRow, mapping: &Mapping, defaults: &Reading) -> Self {
        let (reading, faults) = Reading::of(mapping, &row.cells);
        let is_sound = row.faults.is_empty() && faults.is_empty() && !mapping.fills_custom();
        let new = is_sound.then(|| told(&reading, defaults, &Definitions::default()));
        let new = new
            .filter(|new| new.custom_fields.is_empty())
            .map(|new| CustomerDetails::parse(new).map(|details| Box::new(Candidate::new(CustomerId::new(), details))));
        Self { row, reading, faults, new }
    }
}

/// The new customer that a row speaks of.
pub(super) fn told(reading: &Reading, defaults: &Reading, fields: &Definitions) -> NewCustomer {
    let mut new = NewCustomer::named("");
    defaults.clone().apply(&mut new, fields);
    reading.clone().apply(&mut new, fields);
    new
}
