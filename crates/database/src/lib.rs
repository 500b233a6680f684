#![doc = include_str!("../README.md")]

mod bulk;
mod bulk_work;
mod connection;
mod error;
mod keyset;
mod locks;
mod migrations;
mod numbers;
mod pool;
pub mod sql_types;
mod tls;

pub use bulk::{insert_arrays, keep_recordset, update_recordset};
pub use bulk_work::BulkWork;
pub use connection::{Conn, Inline, Lite, Parts, Snapshot, Tx};
pub use error::{Error, Result};
pub use keyset::{Direction, PageRequest};
pub use locks::{lock, lock_all, lock_all_shared, lock_shared, parts};
pub use migrations::Migrations;
pub use numbers::{next_number, next_numbers};
pub use pool::{Backend, Db, Options};
pub use sql_types::{Id, Instant};

/// What the macros name, so that a store needs no imports for them.
#[doc(hidden)]
pub mod reexport {
    pub use {diesel, diesel_migrations, serde_json};
}

/// This crate's own tables.
pub fn migrations() -> Migrations {
    migrations!()
}
