use complaints_contract::{Detector, DetectorReport, Signal, SignalId, SignalQuery, Verdict};
use database::{Db, PageRequest};

use super::Rows;
use crate::commands;
use crate::error::Error;
use crate::store::signals;

pub async fn signal(db: &Db, id: SignalId) -> Result<Signal, Error> {
    signals::find(&mut db.read().await?, id).await?.ok_or(Error::SignalNotFound(id))
}

pub async fn list_signals(db: &Db, wanted: &SignalQuery, page: &PageRequest) -> Result<Rows<Signal>, Error> {
    let mut conn = db.read().await?;
    let rows = signals::list(&mut conn, wanted, page).await?;
    let count = if page.count { Some(signals::count(&mut conn, wanted).await?) } else { None };
    Ok((rows, count))
}

/// Each detector with its rule and how often it was right.
pub async fn detectors(db: &Db) -> Result<Vec<DetectorReport>, Error> {
    let mut conn = db.read().await?;
    let rules = commands::detector_rules(&mut conn).await?;
    let verdicts = signals::verdicts(&mut conn).await?;
    let report = |detector: Detector| {
        let (rule, version) = rules[&detector];
        let number = |wanted: Option<Verdict>| {
            verdicts.iter().find(|(of, verdict, _)| (*of, *verdict) == (detector, wanted)).map_or(0, |found| found.2)
        };
        let confirmed = number(Some(Verdict::Confirmed));
        let refuted = number(Some(Verdict::Refuted));
        let unclear = number(Some(Verdict::Unclear));
        let decided = confirmed + refuted;
        DetectorReport {
            detector,
            rule,
            version,
            found: decided + unclear + number(None),
            confirmed,
            refuted,
            unclear,
            precision_bp: (decided > 0).then(|| confirmed * 10_000 / decided),
        }
    };
    Ok(Detector::ALL.iter().map(|detector| report(*detector)).collect())
}

pub async fn detector(db: &Db, detector: Detector) -> Result<DetectorReport, Error> {
    let mut all = detectors(db).await?;
    all.retain(|report| report.detector == detector);
    all.pop().ok_or(Error::DetectorNotFound(detector.to_string()))
}
