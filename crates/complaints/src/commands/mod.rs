//! One function a use case, one transaction each.

mod acts;
mod attachments;
mod bulk;
mod calendars;
mod causes;
mod clocks;
mod corrective_actions;
mod customers;
mod detectors;
mod erasures;
mod escalations;
mod feedback;
mod imports;
mod intake;
mod linking;
mod links;
mod mail;
mod merges;
mod observations;
mod portal;
mod recipients;
mod signals;
mod sla_policies;
mod stopped;
mod transitions;
mod watching;

pub use acts::{
    accept_complaint, contain_complaint, escalate_complaint, follow_up_complaint, hear_customer, inform_customer,
    investigate_complaint, reject_complaint, resume_complaint, wait_for_customer,
};
pub use attachments::{Upload, attach_file};
pub use bulk::{Row, Taken, bulk_open_complaints};
pub use calendars::{open_calendar, replace_calendar};
pub use causes::{amend_cause, create_cause};
pub use clocks::rebuild_clocks;
pub use corrective_actions::{
    amend_corrective_action, cancel_corrective_action, check_corrective_action, complete_corrective_action,
    create_corrective_action, set_closure_rules,
};
pub use detectors::set_detector_rule;
pub use erasures::contact_erased;
pub use escalations::{fire_escalations, next_escalation};
pub use feedback::{
    as_shipped, claim_messages, next_message, rate_complaint, report_delivery, retry_message, return_message,
    set_message_template,
};
pub use imports::import_complaints;
pub use intake::{amend_complaint, open_complaint, upsert_external_complaint};
pub use linking::customers_known;
pub use links::link_complaints;
pub use mail::take_in_mail;
pub use merges::redirect_customer;
pub use observations::observe;
pub use portal::{
    Proof, accept_portal_answer, attach_portal_file, dispute_portal_answer, follow_portal_complaint,
    hear_portal_complainant, open_portal_complaint, portal_attachment, withdraw_portal_complaint,
};
pub use signals::{judge_signal, open_signal_complaint};
pub use sla_policies::create_sla_policy;
pub use transitions::{
    acknowledge_complaint, assess_complaint, close_complaint, reopen_complaint, resolve_complaint,
    respond_to_complaint, withdraw_complaint,
};
pub use watching::{look_for_signals, next_look};

use chassis::audit;
use complaints_contract::{Happening, v1};
use database::Tx;
use messaging::{Act, outbox};
use uuid::Uuid;

use self::clocks::Rules;
use crate::domain::{Complaint, Entry};
use crate::store::{complaints, escalations as escalated, history};

/// Writes a complaint that is new, with all that goes with it.
async fn insert(
    tx: &mut Tx,
    act: &Act,
    rules: &Rules,
    complaint: &mut Complaint,
    entries: Vec<Entry>,
) -> database::Result<()> {
    complaints::insert(tx, complaint).await?;
    clocks::start(tx, rules, complaint, &entries, act.at).await?;
    history::add(tx, complaint.id, entries, Uuid::now_v7(), act).await?;
    audit::record(tx, act, "complaint.opened", "complaint", complaint.id.into()).await?;
    outbox::enqueue(tx, act, &v1::ComplaintOpened(complaint.fact())).await
}

/// Writes what became of a complaint. `entry_id` is the id of the last of the entries, which also gives the event its
/// name: steps that a source has skipped are not told one by one.
async fn replace(
    tx: &mut Tx,
    act: &Act,
    rules: &Rules,
    complaint: &mut Complaint,
    entries: Vec<Entry>,
    entry_id: Uuid,
) -> database::Result<()> {
    let Some((what, at)) = entries.last().map(|entry| (entry.what, entry.at)) else { return Ok(()) };
    let follow_up = complaint.follow_up_news();
    let concerns_others =
        entries.iter().any(|entry| entry.what == Happening::Linked || entry.fields.contains(&"about_staff"));
    complaints::replace(tx, complaint).await?;
    history::add(tx, complaint.id, entries, entry_id, act).await?;
    clocks::go_on(tx, rules, complaint, at, act.at).await?;
    audit::record(tx, act, &format!("complaint.{what}"), "complaint", complaint.id.into()).await?;
    if let Some(fact) = follow_up {
        outbox::enqueue(tx, act, &v1::FollowUpChanged(fact)).await?;
    }
    if concerns_others {
        for escalation in escalated::proposals(tx, &[complaint.id.into()]).await? {
            if let Some(proposed) = complaint.executive_contact(&escalation) {
                outbox::enqueue(tx, act, &proposed).await?;
            }
        }
    }
    announce(tx, act, complaint, what).await
}

async fn announce(tx: &mut Tx, act: &Act, complaint: &Complaint, what: Happening) -> database::Result<()> {
    let fact = complaint.fact();
    match what {
        Happening::Opened => outbox::enqueue(tx, act, &v1::ComplaintOpened(fact)).await,
        Happening::Linked => outbox::enqueue(tx, act, &v1::ComplaintLinked(fact)).await,
        Happening::Acknowledged => outbox::enqueue(tx, act, &v1::ComplaintAcknowledged(fact)).await,
        Happening::Assessed => outbox::enqueue(tx, act, &v1::ComplaintAssessed(fact)).await,
        Happening::Responded => outbox::enqueue(tx, act, &v1::ComplaintResponded(fact)).await,
        Happening::Resolved => outbox::enqueue(tx, act, &v1::ComplaintResolved(fact)).await,
        Happening::Closed => outbox::enqueue(tx, act, &v1::ComplaintClosed(fact)).await,
        Happening::Reopened => outbox::enqueue(tx, act, &v1::ComplaintReopened(fact)).await,
        Happening::Withdrawn => outbox::enqueue(tx, act, &v1::ComplaintWithdrawn(fact)).await,
        Happening::InvestigationStarted => outbox::enqueue(tx, act, &v1::ComplaintInvestigationStarted(fact)).await,
        Happening::Accepted => outbox::enqueue(tx, act, &v1::ComplaintAccepted(fact)).await,
        Happening::Escalated => outbox::enqueue(tx, act, &v1::ComplaintEscalated(fact)).await,
        Happening::WaitStarted => outbox::enqueue(tx, act, &v1::ComplaintWaitStarted(fact)).await,
        Happening::Resumed => outbox::enqueue(tx, act, &v1::ComplaintResumed(fact)).await,
        Happening::FollowedUp => outbox::enqueue(tx, act, &v1::ComplaintFollowedUp(fact)).await,
        Happening::Rejected => outbox::enqueue(tx, act, &v1::ComplaintRejected(fact)).await,
        Happening::Contained => outbox::enqueue(tx, act, &v1::ComplaintContained(fact)).await,
        Happening::Informed => outbox::enqueue(tx, act, &v1::ComplaintInformed(fact)).await,
        Happening::CustomerWrote => outbox::enqueue(tx, act, &v1::ComplaintCustomerWrote(fact)).await,
        Happening::Amended => outbox::enqueue(tx, act, &v1::ComplaintAmended(fact)).await,
    }
}
