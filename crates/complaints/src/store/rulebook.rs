//! The rules that clocks are read by.

use std::collections::BTreeSet;

use database::{Conn, Tx};

use super::{calendars, sla_policies};
use crate::domain::Calendar;
use crate::domain::rulebook::{Rulebook, Version};
use crate::domain::sla::Policy;

/// The lock's name.
const RULES: &str = "rules";

/// How a transaction deals with the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dealing {
    /// Reckons by them, and writes what comes out.
    Reckoning,
    /// Makes new ones.
    Changing,
}

/// Keeps the two apart until the transaction ends: no complaint is written by rules that are no longer the latest, where
/// nobody would look for it again.
pub async fn hold(tx: &mut Tx, dealing: Dealing) -> database::Result<()> {
    match dealing {
        Dealing::Reckoning => database::lock_shared(tx, RULES).await,
        Dealing::Changing => database::lock(tx, RULES).await,
    }
}

pub async fn load(conn: &mut Conn) -> database::Result<Rulebook> {
    let mut rules = Rulebook::default();
    let mut codes = BTreeSet::new();
    for (code, row) in calendars::versions(conn).await? {
        let new = serde_json::from_str(&row.body).map_err(database::Error::other)?;
        let value = Calendar::parse(&new).map_err(|faults| broken("calendar", faults))?;
        rules.add_calendar(&code, Version { number: row.version, from: row.valid_from.into(), value });
        codes.insert(code);
    }
    for row in sla_policies::all(conn).await? {
        let new = serde_json::from_str(&row.body).map_err(database::Error::other)?;
        let value = Policy::parse(&new, &codes).map_err(|faults| broken("policy", faults))?;
        rules.add_policy(Version { number: row.version, from: row.valid_from.into(), value });
    }
    Ok(rules)
}

fn broken(what: &str, faults: Vec<problem::FieldError>) -> database::Error {
    let faults: Vec<_> = faults.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect();
    database::Error::other(format!("a stored {what} has faults: {}", faults.join(", ")))
}
