use std::collections::{HashMap, HashSet};

use chassis::audit;
use complaints_contract::v1::SignalChanged;
use complaints_contract::{
    Channel, Complaint, ComplaintId, NewComplaint, NewSignalComplaint, NewVerdict, Signal, SignalId, SignalState,
};
use database::{Db, Id, Tx};
use messaging::{Act, outbox};
use registry_contract::CustomerId;
use wire::Reference;

use super::clocks::Rules;
use super::customers::{Customers, Names};
use super::intake;
use crate::domain::signals::{About, about, judge, moved, register};
use crate::domain::{Authority, Faults};
use crate::error::Error;
use crate::queries;
use crate::store::{signals, watched};

/// Says what a signal was found to be; that may be corrected as long as no complaint was made of it.
pub async fn judge_signal(db: &Db, act: &Act, id: SignalId, body: &NewVerdict) -> Result<Signal, Error> {
    let mut faults = Faults::default();
    let note = faults.some_text("/note", body.note.as_deref(), 2_000);
    let note = faults.none_or(note).map_err(Error::Invalid)?;
    let mut tx = db.begin().await?;
    let signal = signals::lock(&mut tx, id).await?.ok_or(Error::SignalNotFound(id))?;
    let judged = judge(&signal, body.verdict, note, &act.actor, act.at).map_err(Error::SignalSettled)?;
    keep(&mut tx, act, &judged, "signal.judged").await?;
    tx.commit().await?;
    Ok(judged)
}

async fn keep(tx: &mut Tx, act: &Act, signal: &Signal, what: &str) -> database::Result<()> {
    signals::replace(tx, signal).await?;
    audit::record(tx, act, what, "signal", signal.id.into()).await?;
    outbox::enqueue(tx, act, &SignalChanged::from(signal)).await
}

/// Makes a complaint of a signal that was found true, and says whether it is new; made already, that one is the answer. The
/// customer is not told: he has not complained.
pub async fn open_signal_complaint(
    db: &Db,
    act: &Act,
    who: &Authority,
    id: SignalId,
    body: NewSignalComplaint,
) -> Result<(Complaint, bool), Error> {
    let found = signals::find(&mut db.read().await?, id).await?.ok_or(Error::SignalNotFound(id))?;
    let new = NewComplaint {
        customer_id: Some(Reference::Id(found.customer_id)),
        contact_id: found.contact_id,
        description: body.description,
        severity: body.severity,
        handler: body.handler,
        ..NewComplaint::about(Channel::Internal, body.subject)
    };
    let mut tx = db.begin().await?;
    // The customer is held before the signal, as whoever merges customers does.
    let customers = Customers::load(&mut tx, &Names::of([&new])).await?;
    let signal = signals::lock(&mut tx, id).await?.ok_or(Error::SignalNotFound(id))?;
    if let Some(made) = signal.complaint_id {
        drop(tx);
        return Ok((queries::complaint(db, who, &Reference::Id(made)).await?, false));
    }
    let complaint_id = ComplaintId::from(act.new_id());
    let signal = register(&signal, complaint_id, act.at).ok_or(Error::SignalNotTrue)?;
    let (named, draft) = intake::parse(&new, &customers, act, &Authority::House).map_err(intake::invalid)?;
    let complaint = intake::register_unanswered(&mut tx, act, &Rules::default(), complaint_id, named, &draft).await?;
    keep(&mut tx, act, &signal, "signal.registered").await?;
    tx.commit().await?;
    Ok((who.shown(complaint), true))
}

/// Takes signals along with their customers, or back: origin, from, to.
pub(super) async fn move_signals(
    tx: &mut Tx,
    act: &Act,
    moves: &[(CustomerId, CustomerId, CustomerId)],
) -> database::Result<()> {
    let concerned = moves.iter().flat_map(|(_, from, to)| [Id::from(*from), Id::from(*to)]).collect();
    // From here on nobody looks at them.
    watched::mark(tx, concerned, act.at).await?;
    let mut leaving = Vec::new();
    for (origin, _, to) in moves {
        let own = signals::lock_all_from(tx, Id::from(*origin)).await?;
        leaving.extend(own.into_iter().map(|signal| (signal, *to, to == origin)));
    }
    let ids: HashSet<SignalId> = leaving.iter().map(|(signal, ..)| signal.id).collect();
    let mut open: HashMap<CustomerId, HashSet<About>> = HashMap::new();
    for (_, _, to) in moves {
        let there = signals::lock_all_of(tx, Id::from(*to)).await?;
        let staying = there.iter().filter(|signal| signal.state == SignalState::Open && !ids.contains(&signal.id));
        open.entry(*to).or_default().extend(staying.map(about));
    }
    leaving.sort_by_key(|(signal, ..)| signal.state != SignalState::Open);
    let arrived: Vec<Signal> = leaving
        .iter()
        .map(|(signal, to, home)| moved(signal, *to, *home, open.entry(*to).or_default(), act.at))
        .collect();
    // What stands where is written once nothing stands in its place any more.
    for signal in &arrived {
        let state = if signal.state == SignalState::Open { SignalState::Superseded } else { signal.state };
        signals::replace(tx, &Signal { state, ..signal.clone() }).await?;
    }
    for signal in &arrived {
        if signal.state == SignalState::Open {
            signals::replace(tx, signal).await?;
        }
        audit::record(tx, act, "signal.moved", "signal", signal.id.into()).await?;
        outbox::enqueue(tx, act, &SignalChanged::from(signal)).await?;
    }
    Ok(())
}
