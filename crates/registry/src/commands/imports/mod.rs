//! Imports: a file is stored and looked at while its sender waits; a worker reads it to its end, then takes its rows batch by
//! batch, each batch in one transaction with how far it came. Whoever goes on after a crash goes on after the last batch.

mod batch;
mod changes;
mod draft;
mod job;
mod moves;
mod order;
mod parents;
mod reading;
mod rehearsal;
mod reversal;
mod submission;

pub use job::{Submitted, work_on_imports};
pub use submission::{cancel_import, receive_file, revert_import, submit_import};

/// Rows per transaction: enough to pay for the commit and the statements, few enough for others to get their turn.
const BATCH: usize = 1000;
/// Bytes from which on a batch is full, whatever its rows: what a transaction makes of them is many times as much.
const FULL: usize = 4 << 20;
