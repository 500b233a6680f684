use std::collections::HashSet;

use chrono::NaiveDate;
use registry_contract::{HandoverOutcome, OpenItemKind, TransferState};
use uuid::Uuid;

/// Something owed to a customer.
pub type Item = (OpenItemKind, Uuid);

/// Why an act on a transfer is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferObjection {
    /// It is no longer open.
    Done(TransferState),
    /// Only the new owner says what becomes of things, or who manages transfers.
    NotTheNewOwner,
    /// Its day has not come.
    Early(NaiveDate),
    /// So many items have no outcome yet.
    Unticked(usize),
    /// Meanwhile somebody else owns the customer.
    Outdated,
}

/// A transfer under way.
#[derive(Debug, Clone)]
pub struct Handover {
    pub from_owner: Option<String>,
    pub to_owner: String,
    pub effective_on: NaiveDate,
    pub state: TransferState,
    pub checklist: Vec<(Item, Option<HandoverOutcome>)>,
}

impl Handover {
    /// Whether the caller, by his login, may say what becomes of the items.
    pub fn may_act(&self, login: &str, manages: bool) -> Result<(), TransferObjection> {
        match self.state {
            TransferState::Open if manages || login == self.to_owner => Ok(()),
            TransferState::Open => Err(TransferObjection::NotTheNewOwner),
            TransferState::Completed | TransferState::Cancelled => Err(TransferObjection::Done(self.state)),
        }
    }

    /// Ends the transfer. `settled`: items that are no longer owed by now, which need no tick. Whether the customer is to
    /// get its new owner; it may have him already.
    pub fn complete(
        &mut self,
        today: NaiveDate,
        owner: Option<&str>,
        settled: &HashSet<Item>,
    ) -> Result<bool, TransferObjection> {
        if today < self.effective_on {
            return Err(TransferObjection::Early(self.effective_on));
        }
        let open = self.checklist.iter().filter(|(item, outcome)| outcome.is_none() && !settled.contains(item)).count();
        if open > 0 {
            return Err(TransferObjection::Unticked(open));
        }
        let moves = owner != Some(self.to_owner.as_str());
        if moves && owner != self.from_owner.as_deref() {
            return Err(TransferObjection::Outdated);
        }
        self.state = TransferState::Completed;
        Ok(moves)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn handover(outcomes: &[Option<HandoverOutcome>]) -> Handover {
        let item = |(index, outcome): (usize, &Option<HandoverOutcome>)| {
            ((OpenItemKind::Complaint, Uuid::from_u128(index as u128)), *outcome)
        };
        Handover {
            from_owner: Some("li".into()),
            to_owner: "wang".into(),
            effective_on: day("2026-03-04"),
            state: TransferState::Open,
            checklist: outcomes.iter().enumerate().map(item).collect(),
        }
    }

    #[test]
    fn only_the_new_owner_acts() {
        let mut open = handover(&[]);
        assert_eq!(open.may_act("wang", false), Ok(()));
        assert_eq!(open.may_act("li", false), Err(TransferObjection::NotTheNewOwner));
        assert_eq!(open.may_act("zhao", true), Ok(()));
        open.state = TransferState::Cancelled;
        assert_eq!(open.may_act("wang", true), Err(TransferObjection::Done(TransferState::Cancelled)));
    }

    #[test]
    fn everything_owed_has_an_outcome_before_it_is_complete() {
        let today = day("2026-03-04");
        let none = HashSet::new();
        let stays = Some(HandoverOutcome::Stays);
        let gone = HashSet::from([(OpenItemKind::Complaint, Uuid::from_u128(1))]);
        for (outcomes, on, owner, settled, expected) in [
            (&[stays][..], today, Some("li"), &none, Ok(true)),
            (&[stays, None], today, Some("li"), &none, Err(TransferObjection::Unticked(1))),
            (&[stays, None], today, Some("li"), &gone, Ok(true)),
            (&[None, None], today, Some("li"), &gone, Err(TransferObjection::Unticked(1))),
            (&[], day("2026-03-03"), Some("li"), &none, Err(TransferObjection::Early(today))),
            (&[], today, Some("wang"), &none, Ok(false)),
            (&[], today, Some("chen"), &none, Err(TransferObjection::Outdated)),
            (&[], today, None, &none, Err(TransferObjection::Outdated)),
        ] {
            let mut it = handover(outcomes);
            let done = it.complete(on, owner, settled);
            let state = if done.is_ok() { TransferState::Completed } else { TransferState::Open };
            assert_eq!((done, it.state), (expected, state), "{outcomes:?}");
        }
    }
}
