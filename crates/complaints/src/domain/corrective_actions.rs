use chrono::{DateTime, NaiveDate, Utc};
use complaints_contract::{
    ActionKind, ActionState, Cause, CauseId, CauseState, ClosureRules, CorrectiveAction, CorrectiveActionPatch,
    NewCorrectiveAction,
};
use problem::FieldError;

use super::{Faults, Severity, ZONE};

/// An action as it may be taken up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionDetails {
    pub cause_id: Option<CauseId>,
    pub kind: ActionKind,
    pub text: String,
    pub owner: String,
    pub due: NaiveDate,
}

impl ActionDetails {
    /// Names every fault at once. `causes` are those of the complaint.
    pub fn parse(new: &NewCorrectiveAction, causes: &[Cause], now: DateTime<Utc>) -> Result<Self, Vec<FieldError>> {
        let mut faults = Faults::default();
        match new.cause_id.map(|id| causes.iter().find(|cause| cause.id == id)) {
            Some(None) => faults.add("/cause_id", "unknown-cause", "this complaint has no such cause"),
            Some(Some(cause)) if cause.state == CauseState::Dismissed => {
                faults.add("/cause_id", "dismissed", "was found not to be a cause");
            }
            Some(Some(_)) | None => {}
        }
        let details = Self {
            cause_id: new.cause_id,
            kind: new.kind,
            text: faults.text("/text", &new.text, 2_000),
            owner: faults.text("/owner", &new.owner, 100),
            due: due(&mut faults, new.due, now),
        };
        faults.none_or(details)
    }

    /// The action as the patch leaves it.
    pub fn amended(
        before: &CorrectiveAction,
        patch: &CorrectiveActionPatch,
        now: DateTime<Utc>,
    ) -> Result<Self, Vec<FieldError>> {
        let mut faults = Faults::default();
        let details = Self {
            cause_id: before.cause_id,
            kind: before.kind,
            text: match &patch.text {
                Some(text) => faults.text("/text", text, 2_000),
                None => before.text.clone(),
            },
            owner: match &patch.owner {
                Some(owner) => faults.text("/owner", owner, 100),
                None => before.owner.clone(),
            },
            due: patch.due.map_or(before.due, |day| due(&mut faults, day, now)),
        };
        faults.none_or(details)
    }
}

/// Not in the past; a day of grace, since where somebody else is it may still be the day before.
fn due(faults: &mut Faults, day: NaiveDate, now: DateTime<Utc>) -> NaiveDate {
    let today = now.with_timezone(&ZONE).date_naive();
    if day < today.pred_opt().unwrap_or(NaiveDate::MIN) {
        faults.add("/due", "in-past", "lies in the past");
    }
    day
}

/// What can be done to an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionStep {
    Amend,
    Complete,
    FindEffective,
    FindIneffective,
    Cancel,
}

impl ActionStep {
    pub const ALL: [Self; 5] = [Self::Amend, Self::Complete, Self::FindEffective, Self::FindIneffective, Self::Cancel];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Amend => "amend",
            Self::Complete => "complete",
            Self::FindEffective | Self::FindIneffective => "check its effect",
            Self::Cancel => "cancel",
        }
    }
}

/// Where a step leads an action, or nothing where it is not allowed. What was found ineffective stays so: the next try is
/// another action.
#[must_use]
pub fn next_action_state(state: ActionState, step: ActionStep) -> Option<ActionState> {
    use {ActionState as S, ActionStep as T};
    match (state, step) {
        (S::Open, T::Amend) => Some(S::Open),
        (S::Open, T::Complete) => Some(S::Done),
        (S::Open, T::Cancel) => Some(S::Cancelled),
        (S::Done, T::FindEffective) => Some(S::Effective),
        (S::Done, T::FindIneffective) => Some(S::Ineffective),
        (S::Open, T::FindEffective | T::FindIneffective) | (S::Done, T::Amend | T::Complete | T::Cancel) => None,
        (
            S::Effective | S::Ineffective | S::Cancelled,
            T::Amend | T::Complete | T::FindEffective | T::FindIneffective | T::Cancel,
        ) => None,
    }
}

/// What a complaint lacks to be closed: code and message of each demand of the rules that is not met.
#[must_use]
pub fn lacking(
    rules: &ClosureRules,
    severity: Severity,
    causes: impl IntoIterator<Item = CauseState>,
    actions: impl IntoIterator<Item = ActionState>,
) -> Vec<(&'static str, &'static str)> {
    let demands = |bound: Option<i16>| bound.is_some_and(|bound| severity.get() <= bound);
    let mut lacking = Vec::new();
    if demands(rules.root_cause_to_severity) && !causes.into_iter().any(|state| state == CauseState::Root) {
        lacking.push(("root-cause-missing", "no cause is marked as the root"));
    }
    if demands(rules.effective_action_to_severity) {
        let actions: Vec<_> = actions.into_iter().collect();
        if !actions.contains(&ActionState::Effective) {
            lacking.push(("effective-action-missing", "no action against its cause was found effective"));
        }
        if actions.iter().any(|state| matches!(state, ActionState::Open | ActionState::Done)) {
            lacking.push(("actions-unfinished", "actions are open, or done without a check of their effect"));
        }
    }
    lacking
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_comes_after_the_deed_and_ends_it() {
        for state in ActionState::ALL {
            let steps: Vec<_> =
                ActionStep::ALL.into_iter().filter(|step| next_action_state(*state, *step).is_some()).collect();
            let expected: &[ActionStep] = match state {
                ActionState::Open => &[ActionStep::Amend, ActionStep::Complete, ActionStep::Cancel],
                ActionState::Done => &[ActionStep::FindEffective, ActionStep::FindIneffective],
                ActionState::Effective | ActionState::Ineffective | ActionState::Cancelled => &[],
            };
            assert_eq!(steps, expected, "{state}");
        }
    }

    #[test]
    fn closing_asks_for_what_the_rules_demand() {
        use {ActionState as A, CauseState as C};
        let rules = ClosureRules {
            root_cause_to_severity: Some(2),
            effective_action_to_severity: Some(1),
            ..ClosureRules::default()
        };
        for (severity, causes, actions, expected) in [
            (Severity::Critical, vec![], vec![], &["root-cause-missing", "effective-action-missing"][..]),
            (Severity::Critical, vec![C::Root], vec![A::Done], &["effective-action-missing", "actions-unfinished"]),
            (Severity::Critical, vec![C::Root], vec![A::Effective, A::Open], &["actions-unfinished"]),
            (Severity::Critical, vec![C::Root], vec![A::Effective, A::Ineffective, A::Cancelled], &[]),
            (Severity::Major, vec![C::Suspected, C::Contributing], vec![], &["root-cause-missing"]),
            (Severity::Major, vec![C::Dismissed, C::Root], vec![A::Open], &[]),
            (Severity::Moderate, vec![], vec![A::Open], &[]),
        ] {
            let found: Vec<_> = lacking(&rules, severity, causes, actions).into_iter().map(|(code, _)| code).collect();
            assert_eq!(found, expected, "{severity:?}");
        }
        assert_eq!(lacking(&ClosureRules::default(), Severity::Critical, [], []), []);
    }

    #[test]
    fn an_action_is_due_no_earlier_than_yesterday_whatever_the_hour() {
        let takes = |now: &str, due: &str| {
            let new = NewCorrectiveAction {
                cause_id: None,
                kind: ActionKind::Corrective,
                text: "Clean once".into(),
                owner: "wang.fang".into(),
                due: due.parse().expect("a day"),
            };
            ActionDetails::parse(&new, &[], now.parse().expect("an instant")).is_ok()
        };
        // The 5th in Shanghai: when it begins, in its night, and when it ends. The first two are the 4th in UTC.
        for now in ["2026-03-04T16:00:00Z", "2026-03-04T18:30:00Z", "2026-03-05T01:00:00Z", "2026-03-05T15:59:59Z"] {
            let taken = ["2026-03-03", "2026-03-04", "2026-03-05"].map(|due| takes(now, due));
            assert_eq!(taken, [false, true, true], "{now}");
        }
    }

    #[test]
    fn every_wrong_field_of_an_action_is_named() {
        let now = "2026-11-25T08:00:00Z".parse().expect("an instant");
        let new = |due: &str, owner: &str| NewCorrectiveAction {
            cause_id: Some(CauseId::new()),
            kind: ActionKind::Corrective,
            text: " ".into(),
            owner: owner.into(),
            due: due.parse().expect("a day"),
        };
        let faults = ActionDetails::parse(&new("2026-11-20", "\u{7}"), &[], now).expect_err("is wrong");
        let found: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect();
        assert_eq!(
            found,
            [("/cause_id", "unknown-cause"), ("/text", "blank"), ("/owner", "control-character"), ("/due", "in-past"),]
        );
    }
}
