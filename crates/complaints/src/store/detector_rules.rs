//! When detectors speak up: one row for each version of a rule.

use std::collections::BTreeMap;

use complaints_contract::{Detector, DetectorInForce, DetectorRule};
use database::{Conn, Instant, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::schema::detector_rules;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = detector_rules)]
struct RuleRow {
    detector: String,
    version: i64,
    enabled: bool,
    window_days: i32,
    threshold: i64,
    least_facts: i32,
    updated_at: Instant,
    updated_by: String,
}

impl From<&DetectorInForce> for RuleRow {
    fn from(set: &DetectorInForce) -> Self {
        let DetectorRule { enabled, window_days, threshold, least_facts } = set.rule;
        Self {
            detector: set.detector.to_string(),
            version: set.version,
            enabled,
            window_days,
            threshold,
            least_facts,
            updated_at: set.updated_at.into(),
            updated_by: set.updated_by.clone(),
        }
    }
}

impl TryFrom<RuleRow> for DetectorInForce {
    type Error = database::Error;

    fn try_from(row: RuleRow) -> database::Result<Self> {
        let RuleRow { enabled, window_days, threshold, least_facts, .. } = row;
        Ok(Self {
            detector: row.detector.parse().map_err(database::Error::other)?,
            rule: DetectorRule { enabled, window_days, threshold, least_facts },
            version: row.version,
            updated_at: row.updated_at.into(),
            updated_by: row.updated_by,
        })
    }
}

/// The rule in force of every detector; the migration has set the first ones.
pub async fn in_force(conn: &mut Conn) -> database::Result<BTreeMap<Detector, DetectorInForce>> {
    let all = detector_rules::table.order(detector_rules::version);
    let rows: Vec<RuleRow> = on!(conn, |c| all.select(RuleRow::as_select()).load(c).await)?;
    let rows = rows.into_iter().map(DetectorInForce::try_from);
    rows.map(|set| set.map(|set| (set.detector, set))).collect()
}

/// A detector's rule in force, which nobody else sets until the transaction ends. The first row, which is always there, is the lock.
pub async fn lock(tx: &mut Tx, detector: Detector) -> database::Result<DetectorInForce> {
    let first = detector_rules::table.find((detector.as_str(), 1_i64)).select(detector_rules::version);
    on!(
        tx,
        pg: |c| first.for_update().first::<i64>(c).await.map(drop),
        // The only writer there is.
        lite: |_c| Ok(()),
    )?;
    in_force(tx).await?.remove(&detector).ok_or(database::Error::NotFound)
}

/// Writes a rule that follows the one which the transaction has locked.
pub async fn set(tx: &mut Tx, set: &DetectorInForce) -> database::Result<()> {
    let row = RuleRow::from(set);
    on!(tx, |c| diesel::insert_into(detector_rules::table).values(&row).execute(c).await)?;
    Ok(())
}
