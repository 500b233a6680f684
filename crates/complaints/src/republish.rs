use std::collections::HashMap;

use chassis::Context;
use complaints_contract::v1::{ComplaintAmended, CorrectiveActionChanged, FollowUpChanged, SignalChanged};
use database::{Db, Id};
use futures::FutureExt;
use futures::future::BoxFuture;
use messaging::{Act, outbox};

use crate::store::{complaints, corrective_actions, escalations, signals};

/// Few enough that nobody waits long for the transaction.
const BATCH: i64 = 200;

/// Tells every complaint, the actions against its causes, the contacts proposed by it and every signal once more, as they are and with the sequence they have: who
/// has them already ignores them.
pub fn republish(context: Context) -> BoxFuture<'static, database::Result<u64>> {
    async move {
        let mut told = 0;
        let mut last: Option<Id> = None;
        loop {
            let mut tx = context.db.begin().await?;
            let batch = complaints::after(&mut tx, last, BATCH).await?;
            for complaint in &batch {
                let act = Act::system(complaint.updated_at).in_bulk();
                outbox::enqueue(&mut tx, &act, &ComplaintAmended(complaint.fact())).await?;
                if let Some(fact) = complaint.follow_up_fact() {
                    outbox::enqueue(&mut tx, &act, &FollowUpChanged(fact)).await?;
                }
            }
            let by_id: HashMap<_, _> = batch.iter().map(|complaint| (complaint.id, complaint)).collect();
            let ids: Vec<_> = by_id.keys().map(|id| Id::from(*id)).collect();
            let actions = corrective_actions::all_of(&mut tx, &ids).await?;
            for action in &actions {
                let act = Act::system(action.updated_at).in_bulk();
                let fact = by_id[&action.complaint_id].action_fact(action);
                outbox::enqueue(&mut tx, &act, &CorrectiveActionChanged(fact)).await?;
            }
            let proposals = escalations::proposals(&mut tx, &ids).await?;
            for escalation in &proposals {
                let act = Act::system(escalation.fired_at).in_bulk();
                if let Some(proposed) = by_id[&escalation.complaint_id].executive_contact(escalation) {
                    outbox::enqueue(&mut tx, &act, &proposed).await?;
                }
            }
            tx.commit().await?;
            match batch.last() {
                Some(complaint) => last = Some(complaint.id.into()),
                None => return Ok(told + republish_signals(&context.db).await?),
            }
            told += (batch.len() + actions.len() + proposals.len()) as u64;
        }
    }
    .boxed()
}

async fn republish_signals(db: &Db) -> database::Result<u64> {
    let (mut told, mut last) = (0, None);
    loop {
        let mut tx = db.begin().await?;
        let batch = signals::after(&mut tx, last, BATCH).await?;
        for signal in &batch {
            outbox::enqueue(&mut tx, &Act::system(signal.updated_at).in_bulk(), &SignalChanged::from(signal)).await?;
        }
        tx.commit().await?;
        match batch.last() {
            Some(signal) => last = Some(signal.id),
            None => return Ok(told),
        }
        told += batch.len() as u64;
    }
}
