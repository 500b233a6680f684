//! Looks at customers for implicit complaints: when something is told of them, and when time makes a difference.

use std::collections::BTreeMap;

use chassis::audit;
use chrono::{DateTime, TimeDelta, Utc};
use complaints_contract::v1::SignalChanged;
use complaints_contract::{Detector, DetectorInForce, SignalId};
use database::{Db, Id, Tx};
use messaging::{Act, outbox};
use registry_contract::CustomerId;
use uuid::Uuid;

use super::stopped::{self, AGAIN, Stopped};
use crate::domain::detectors::{detect, next_change, reach};
use crate::domain::observed::{Snapshot, observe};
use crate::domain::signals::{Change, Looked, Whose, follow};
use crate::store::{customers, detector_rules, erasures, merges, observations, signals, watched};

type Rules = BTreeMap<Detector, DetectorInForce>;

/// When a customer is to be looked at next, if ever.
pub async fn next_look(db: &Db) -> database::Result<Option<DateTime<Utc>>> {
    let mut conn = db.read().await?;
    watched::next_due(&mut conn).await
}

/// Looks at up to `limit` of the customers that are due by `now`, and says at how many; whoever else is at it, each is looked at
/// by one. One that cannot be looked at keeps no other from it.
pub async fn look_for_signals(db: &Db, now: DateTime<Utc>, limit: i64) -> database::Result<usize> {
    let now = wire::truncate(now);
    loop {
        match look_at_due(db, now, limit).await {
            Ok(looked) => return Ok(looked),
            Err(stopped) => set_aside(db, stopped.culprit("looking for implicit complaints")?, now).await?,
        }
    }
}

async fn set_aside(db: &Db, customer: Id, now: DateTime<Utc>) -> database::Result<()> {
    let mut tx = db.begin().await?;
    watched::settle(&mut tx, customer, Some(now + AGAIN)).await?;
    tx.commit().await
}

async fn look_at_due(db: &Db, now: DateTime<Utc>, limit: i64) -> Result<usize, Stopped> {
    let mut tx = db.begin().await?;
    let claimed = watched::claim(&mut tx, now, limit).await?;
    if claimed.is_empty() {
        return Ok(0);
    }
    let rules = detector_rules::in_force(&mut tx).await?;
    let (onward, origins) = (merges::from(&mut tx, &claimed).await?, merges::origins(&mut tx, &claimed).await?);
    for claim in &claimed {
        let customer: CustomerId = claim.get();
        if onward.resolve(customer) == customer {
            let own: Vec<Id> = origins.origins(customer).into_iter().map(Id::from).collect();
            let next = look(&mut tx, &rules, customer, &own, now).await.map_err(stopped::at(*claim))?;
            watched::settle(&mut tx, *claim, next).await?;
        } else {
            watched::forget(&mut tx, *claim).await?;
        }
    }
    tx.commit().await?;
    Ok(claimed.len())
}

/// Looks at a customer that nobody else is looking at; `own` are those that it has become. When to look again?
async fn look(
    tx: &mut Tx,
    rules: &Rules,
    customer: CustomerId,
    own: &[Id],
    now: DateTime<Utc>,
) -> database::Result<Option<DateTime<Utc>>> {
    let known = customers::known(tx, customer).await?;
    let tier = known.as_ref().map(|known| known.tier);
    let horizon = rules.values().map(|set| reach(set.detector, &set.rule)).max().unwrap_or(TimeDelta::zero());
    let told = match &known {
        // Of a customer that is no more, nothing is said any more.
        Some(known) if known.is_withdrawn => vec![],
        Some(_) | None => observations::of(tx, own, now - horizon).await?,
    };
    let told = without_erased(tx, told).await?;
    let observed = observe(tier, &told);
    let enabled = rules.values().filter(|set| set.rule.enabled);
    let looked: Vec<_> = enabled
        .map(|set| Looked {
            detector: set.detector,
            rule_version: set.version,
            threshold: set.rule.threshold,
            findings: detect(set.detector, &set.rule, &observed, now),
        })
        .collect();
    let before = signals::lock_all_of(tx, customer.into()).await?;
    let whose = Whose { customer, owner: known.as_ref().and_then(|known| known.owner.as_deref()) };
    for change in follow(&before, &looked, whose, now, SignalId::new) {
        keep(tx, change, now).await?;
    }
    Ok(rules.values().filter_map(|set| next_change(set.detector, &set.rule, &observed, now)).min())
}

/// Who was erased holds no seat any more as far as we know: nobody is sent to him.
async fn without_erased(tx: &mut Tx, told: Vec<(Uuid, Snapshot)>) -> database::Result<Vec<(Uuid, Snapshot)>> {
    let holder = |(_, snapshot): &(Uuid, Snapshot)| match snapshot {
        Snapshot::Holding { contact, .. } => Some(*contact),
        _ => None,
    };
    let holders: Vec<Id> = told.iter().filter_map(holder).map(Id::from).collect();
    if holders.is_empty() {
        return Ok(told);
    }
    let erased = erasures::of(tx, &holders).await?;
    let is_known = |fact: &(Uuid, Snapshot)| holder(fact).is_none_or(|contact| !erased.contains_key(&contact));
    Ok(told.into_iter().filter(is_known).collect())
}

async fn keep(tx: &mut Tx, change: Change, now: DateTime<Utc>) -> database::Result<()> {
    let act = Act::system(now);
    match change {
        Change::Raised(signal) => {
            signals::insert(tx, &signal).await?;
            audit::record(tx, &act, "signal.raised", "signal", signal.id.into()).await?;
            outbox::enqueue(tx, &act, &SignalChanged::from(&signal)).await
        }
        Change::Renewed { signal, owner_changed } => {
            signals::replace(tx, &signal).await?;
            if owner_changed { outbox::enqueue(tx, &act, &SignalChanged::from(&signal)).await } else { Ok(()) }
        }
    }
}
