//! The same SQL on the same tables with no product above it.

mod postgres;
mod sqlite;

use system_tests::System;

use super::{Operation, Options, load::Figures};

pub fn of(set_up: &str, system: &System, operation: Operation, options: &Options) -> Result<Figures, String> {
    println!("limit of {set_up}: {operation}");
    let service = match operation {
        Operation::CreateCustomer | Operation::ReadCustomer | Operation::ListCustomers => "registry",
        Operation::CreateInteraction => "interactions",
    };
    match system.data_folder() {
        Some(folder) => sqlite::of(&folder.join(format!("{service}.db")), operation, options),
        None => postgres::of(&system.database_url(service), operation, options),
    }
}
