use std::collections::HashMap;

use complaints_contract::{
    Detector, DetectorInForce, DetectorReport, DetectorReportQuery, DetectorReportRow, Detectors, Signal, SignalId,
    SignalQuery, Verdict,
};
use database::{Db, PageRequest};

use super::{Rows, resolve};
use crate::error::Error;
use crate::store::signals::Filter;
use crate::store::{detector_rules, signals};

pub async fn signal(db: &Db, id: SignalId) -> Result<Signal, Error> {
    signals::find(&mut db.read().await?, id).await?.ok_or(Error::SignalNotFound(id))
}

pub async fn list_signals(db: &Db, wanted: &SignalQuery, page: &PageRequest) -> Result<Rows<Signal>, Error> {
    let mut conn = db.read().await?;
    let customers = resolve(&mut conn, wanted.customer_id.as_ref()).await?;
    let filter = Filter { wanted, customers };
    let rows = signals::list(&mut conn, &filter, page).await?;
    let count = if page.count { Some(signals::count(&mut conn, &filter).await?) } else { None };
    Ok((rows, count))
}

pub async fn detectors(db: &Db) -> Result<Detectors, Error> {
    let items = detector_rules::in_force(&mut db.read().await?).await?.into_values().collect();
    Ok(Detectors { items })
}

pub async fn detector(db: &Db, detector: Detector) -> Result<DetectorInForce, Error> {
    let mut all = detector_rules::in_force(&mut db.read().await?).await?;
    all.remove(&detector).ok_or_else(|| Error::DetectorNotFound(detector.to_string()))
}

/// How often each detector was right.
pub async fn detector_report(db: &Db, query: DetectorReportQuery) -> Result<DetectorReport, Error> {
    let counted = signals::verdicts(&mut db.read().await?, &query).await?;
    let counted: HashMap<_, _> =
        counted.into_iter().map(|(detector, verdict, number)| ((detector, verdict), number)).collect();
    let row = |detector: Detector| {
        let number = |verdict| counted.get(&(detector, verdict)).copied().unwrap_or(0);
        let (open, judged_unclear) = (number(None), number(Some(Verdict::Unclear)));
        let (judged_true, judged_false) = (number(Some(Verdict::True)), number(Some(Verdict::False)));
        let decided = judged_true + judged_false;
        DetectorReportRow {
            detector,
            found: open + judged_unclear + decided,
            open,
            judged_true,
            judged_false,
            judged_unclear,
            precision: (decided > 0).then(|| judged_true as f64 / decided as f64),
        }
    };
    let rows = Detector::ALL.iter().map(|detector| row(*detector)).collect();
    Ok(DetectorReport { found_from: query.found_from, found_until: query.found_until, rows })
}
