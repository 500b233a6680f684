use chassis::audit;
use chassis::http::IfMatch;
use complaints_contract::{Detector, DetectorInForce, DetectorRule};
use database::Db;
use messaging::Act;
use uuid::Uuid;

use crate::domain::detector_rules::parse;
use crate::error::Error;
use crate::store::{detector_rules, watched};

/// Sets when a detector speaks up, and has every customer looked at by the new rule.
pub async fn set_detector_rule(
    db: &Db,
    act: &Act,
    detector: Detector,
    expected: IfMatch,
    rule: DetectorRule,
) -> Result<DetectorInForce, Error> {
    let rule = parse(detector, rule).map_err(Error::RulesInvalid)?;
    let mut tx = db.begin().await?;
    let before = detector_rules::lock(&mut tx, detector).await?;
    expected.check(before.version)?;
    if before.rule == rule {
        return Ok(before);
    }
    let version = before.version + 1;
    let set = DetectorInForce { detector, rule, version, updated_at: act.at, updated_by: act.actor.clone() };
    detector_rules::set(&mut tx, &set).await?;
    watched::mark_all(&mut tx, act.at).await?;
    audit::record(&mut tx, act, "detector_rule.set", detector.as_str(), Uuid::nil()).await?;
    tx.commit().await?;
    Ok(set)
}
