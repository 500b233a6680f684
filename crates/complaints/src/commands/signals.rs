use std::collections::{HashMap, HashSet};

use chassis::audit;
use chassis::http::IfMatch;
use chrono::{DateTime, TimeDelta, Utc};
use complaints_contract::v1::SignalChanged;
use complaints_contract::{
    Channel, Complaint, ComplaintId, Detector, DetectorReport, DetectorRule, NewComplaint, NewSignalComplaint,
    NewVerdict, Signal, SignalId, Verdict,
};
use database::{Db, Id, Tx};
use messaging::{Act, outbox};
use wire::Reference;

use super::customers::{Customers, Names};
use super::intake;
use crate::domain::{self, Faults, Finding, default_rule, detect};
use crate::error::Error;
use crate::queries;
use crate::store::{customers, signals};

/// Customers looked at in one transaction: few, because whoever tells of one of them waits for its end.
const BATCH: i64 = 20;
/// Silence grows with the days, without any event.
const LOOK_AGAIN: TimeDelta = TimeDelta::days(1);
/// No detector looks back further: five windows of two years, the longest there may be.
const HORIZON: TimeDelta = TimeDelta::days(5 * 730);

/// Looks at some of the customers that are due, and says at how many.
pub async fn look_for_signals(db: &Db, now: DateTime<Utc>) -> database::Result<usize> {
    let now = wire::truncate(now);
    // Looked at without a transaction, because this is asked after every commit, and SQLite has one writer.
    if signals::next_due(&mut db.read().await?).await?.is_none_or(|due| due > now) {
        return Ok(0);
    }
    let act = Act::system(now);
    let mut tx = db.begin().await?;
    let claims = signals::claim(&mut tx, now, BATCH).await?;
    if claims.is_empty() {
        return Ok(0);
    }
    let ids: Vec<Id> = claims.iter().map(|claim| claim.customer_id).collect();
    let rules = rules(&mut tx).await?;
    let told = signals::told(&mut tx, &ids, now - HORIZON).await?;
    let known = customers::tiers_and_owners(&mut tx, &ids).await?;
    for claim in &claims {
        let id = claim.customer_id;
        let (tier, owner) = known.get(&id).map_or((None, None), |(tier, owner)| (Some(*tier), owner.clone()));
        let observed = told.get(&id).cloned().unwrap_or_default().observed(tier, now.date_naive());
        let mut before = signals::lock_all_of(&mut tx, id).await?;
        for detector in Detector::ALL {
            let rule = rules[detector].0;
            for finding in detect(*detector, &rule, &observed, now) {
                note(&mut tx, &act, (id, owner.as_deref()), *detector, &rule, finding, &mut before).await?;
            }
        }
        signals::settle(&mut tx, *claim, now + LOOK_AGAIN).await?;
    }
    tx.commit().await?;
    Ok(claims.len())
}

/// Keeps a finding: in the signal that nobody has judged yet, if there is one; else in a new one, unless the last verdict
/// was about the same.
async fn note(
    tx: &mut Tx,
    act: &Act,
    (customer, owner): (Id, Option<&str>),
    detector: Detector,
    rule: &DetectorRule,
    finding: Finding,
    before: &mut Vec<Signal>,
) -> database::Result<()> {
    let Finding { contact, measured, confidence, evidence } = finding;
    let same = |signal: &&mut Signal| signal.detector == detector && signal.contact_id == contact;
    if let Some(last) = before.iter_mut().find(same) {
        match last.judged_at {
            None if last.evidence == evidence && last.measured == measured => return Ok(()),
            None => {
                let next = Signal {
                    measured,
                    threshold: rule.threshold,
                    confidence,
                    evidence,
                    version: last.version + 1,
                    updated_at: act.at,
                    ..last.clone()
                };
                *last = next;
                return signals::replace(tx, last).await;
            }
            Some(judged_at) => {
                let known: HashSet<_> = last.evidence.iter().map(|evidence| evidence.reference).collect();
                let news = evidence.iter().any(|evidence| !known.contains(&evidence.reference));
                // What is only longer ago is no news; it is after another window.
                let long_ago = judged_at + TimeDelta::days(rule.window_days.into()) <= act.at;
                if !news && !long_ago {
                    return Ok(());
                }
            }
        }
    }
    let signal = Signal {
        id: SignalId::new(),
        detector,
        customer_id: customer.get(),
        contact_id: contact,
        owner: owner.map(str::to_owned),
        measured,
        threshold: rule.threshold,
        confidence,
        evidence,
        found_at: act.at,
        verdict: None,
        note: None,
        judged_at: None,
        judged_by: None,
        complaint_id: None,
        version: 1,
        updated_at: act.at,
    };
    signals::insert(tx, &signal).await?;
    outbox::enqueue(tx, act, &SignalChanged::from(&signal)).await?;
    before.insert(0, signal);
    Ok(())
}

/// Says what a signal was found to be; a verdict may be changed as long as no complaint was made of it.
pub async fn judge_signal(db: &Db, act: &Act, id: SignalId, body: &NewVerdict) -> Result<Signal, Error> {
    let mut faults = Faults::default();
    let note = faults.some_text("/note", body.note.as_deref(), 2_000);
    let note = faults.none_or(note).map_err(Error::Invalid)?;
    change(db, act, id, |signal| {
        if signal.complaint_id.is_some() {
            return Err(Error::SignalSettled);
        }
        signal.verdict = Some(body.verdict);
        signal.note = note;
        signal.judged_at = Some(act.at);
        signal.judged_by = Some(act.actor.clone());
        Ok(())
    })
    .await
}

async fn change(
    db: &Db,
    act: &Act,
    id: SignalId,
    step: impl FnOnce(&mut Signal) -> Result<(), Error>,
) -> Result<Signal, Error> {
    let mut tx = db.begin().await?;
    let mut signal = signals::lock(&mut tx, id).await?.ok_or(Error::SignalNotFound(id))?;
    step(&mut signal)?;
    keep(&mut tx, act, &mut signal, "signal.judged").await?;
    tx.commit().await?;
    Ok(signal)
}

async fn keep(tx: &mut Tx, act: &Act, signal: &mut Signal, what: &str) -> database::Result<()> {
    signal.version += 1;
    signal.updated_at = act.at;
    signals::replace(tx, signal).await?;
    audit::record(tx, act, what, "signal", signal.id.into()).await?;
    outbox::enqueue(tx, act, &SignalChanged::from(&*signal)).await
}

/// Makes a complaint of a signal that was found true; made already, that complaint is the answer.
pub async fn open_signal_complaint(
    db: &Db,
    act: &Act,
    id: SignalId,
    body: NewSignalComplaint,
) -> Result<Complaint, Error> {
    let mut tx = db.begin().await?;
    let mut signal = signals::lock(&mut tx, id).await?.ok_or(Error::SignalNotFound(id))?;
    if let Some(made) = signal.complaint_id {
        drop(tx);
        return queries::complaint(db, &Reference::Id(made)).await;
    }
    if signal.verdict != Some(Verdict::Confirmed) {
        return Err(Error::SignalNotConfirmed);
    }
    let new = NewComplaint {
        customer_id: Some(Reference::Id(signal.customer_id)),
        contact_id: signal.contact_id,
        description: body.description,
        severity: body.severity,
        ..NewComplaint::about(Channel::Signal, body.subject)
    };
    let customers = Customers::load(&mut tx, &Names::of([&new])).await?;
    let (named, draft) = intake::parse(&new, &customers, act).map_err(intake::invalid)?;
    let complaint: domain::Complaint =
        intake::register(&mut tx, act, ComplaintId::from(act.new_id()), named, &draft).await?;
    signal.complaint_id = Some(complaint.id);
    keep(&mut tx, act, &mut signal, "signal.made_a_complaint").await?;
    tx.commit().await?;
    Ok(complaint.into())
}

/// Every detector's rule: as set, else as it starts with. Version 0 was never set.
pub(crate) async fn rules(conn: &mut database::Conn) -> database::Result<HashMap<Detector, (DetectorRule, i64)>> {
    let set = signals::rules(conn).await?;
    let of = |detector: Detector| set.get(&detector).copied().unwrap_or((default_rule(detector), 0));
    Ok(Detector::ALL.iter().map(|detector| (*detector, of(*detector))).collect())
}

pub async fn set_detector_rule(
    db: &Db,
    act: &Act,
    detector: Detector,
    expected: IfMatch,
    rule: DetectorRule,
) -> Result<DetectorReport, Error> {
    let mut faults = Faults::default();
    for (pointer, number, most) in [
        ("/window_days", i64::from(rule.window_days), 730),
        ("/threshold", rule.threshold, 10_000),
        ("/least_facts", i64::from(rule.least_facts), 1_000),
    ] {
        if !(1..=most).contains(&number) {
            faults.add(pointer, "out-of-range", format!("must be from 1 to {most}"));
        }
    }
    faults.none_or(()).map_err(Error::Invalid)?;
    let mut tx = db.begin().await?;
    let (before, version) = rules(&mut tx).await?[&detector];
    expected.check(version)?;
    if before != rule {
        let set = signals::set_rule(&mut tx, detector, rule, version + 1, act.at, &act.actor).await?;
        if !set {
            return Err(Error::Contended);
        }
        signals::watch_all(&mut tx, act.at).await?;
        audit::record(&mut tx, act, "detector.ruled", detector.as_str(), uuid::Uuid::nil()).await?;
        tx.commit().await?;
    } else {
        drop(tx);
    }
    queries::detector(db, detector).await
}
