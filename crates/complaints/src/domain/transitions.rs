use complaints_contract::{State, Transition};

/// A transition that the complaint's state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a complaint that is {state} cannot be moved on by {transition}; {}", choices(*.state))]
pub struct NotAllowed {
    pub state: State,
    pub transition: Transition,
}

/// Where the transition leads from the state, or nothing where it is not allowed. A response may come before any
/// acknowledgement, and again after another response; an assessment may be repeated while the complaint is investigated.
#[must_use]
pub fn next(state: State, transition: Transition) -> Option<State> {
    use {State as S, Transition as T};
    match (state, transition) {
        (S::Received, T::Acknowledge) => Some(S::Acknowledged),
        (S::Acknowledged | S::Investigating, T::Assess) => Some(S::Investigating),
        (S::Received | S::Acknowledged | S::Investigating | S::Responded, T::Respond) => Some(S::Responded),
        (S::Responded, T::Resolve) => Some(S::Resolved),
        (S::Resolved, T::Close) => Some(S::Closed),
        (S::Resolved | S::Closed, T::Reopen) => Some(S::Investigating),
        (S::Received | S::Acknowledged | S::Investigating | S::Responded, T::Withdraw) => Some(S::Withdrawn),

        (S::Received, T::Assess | T::Resolve | T::Close | T::Reopen)
        | (S::Acknowledged, T::Acknowledge | T::Resolve | T::Close | T::Reopen)
        | (S::Investigating, T::Acknowledge | T::Resolve | T::Close | T::Reopen)
        | (S::Responded, T::Acknowledge | T::Assess | T::Close | T::Reopen)
        | (S::Resolved, T::Acknowledge | T::Assess | T::Respond | T::Resolve | T::Withdraw)
        | (S::Closed, T::Acknowledge | T::Assess | T::Respond | T::Resolve | T::Close | T::Withdraw) => None,
        (S::Withdrawn, T::Acknowledge | T::Assess | T::Respond | T::Resolve | T::Close | T::Reopen | T::Withdraw) => {
            None
        }
    }
}

/// What can be done from the state.
pub fn allowed(state: State) -> impl Iterator<Item = Transition> {
    Transition::ALL.iter().copied().filter(move |transition| next(state, *transition).is_some())
}

fn choices(state: State) -> String {
    let allowed: Vec<_> = allowed(state).map(Transition::as_str).collect();
    if allowed.is_empty() {
        "nothing is allowed any more".to_owned()
    } else {
        format!("allowed: {}", allowed.join(", "))
    }
}

/// The transitions by which a source's report brings a complaint from where it stands to where the source has it. A
/// source only ever moves a complaint forward: what it reports from behind is late, and reopening is an act of its own.
#[must_use]
pub fn path(from: State, to: State) -> &'static [Transition] {
    use {State as S, Transition as T};
    const TO_CLOSED: &[T] = &[T::Acknowledge, T::Respond, T::Resolve, T::Close];
    match (from, to) {
        (S::Received, S::Acknowledged) => &TO_CLOSED[..1],
        (S::Received, S::Investigating) => &[T::Acknowledge, T::Assess],
        (S::Received, S::Responded) => &TO_CLOSED[..2],
        (S::Received, S::Resolved) => &TO_CLOSED[..3],
        (S::Received, S::Closed) => TO_CLOSED,
        (S::Acknowledged, S::Investigating) => &[T::Assess],
        (S::Acknowledged | S::Investigating, S::Responded) => &TO_CLOSED[1..2],
        (S::Acknowledged | S::Investigating, S::Resolved) => &TO_CLOSED[1..3],
        (S::Acknowledged | S::Investigating, S::Closed) => &TO_CLOSED[1..],
        (S::Responded, S::Resolved) => &TO_CLOSED[2..3],
        (S::Responded, S::Closed) => &TO_CLOSED[2..],
        (S::Resolved, S::Closed) => &TO_CLOSED[3..],
        (S::Received | S::Acknowledged | S::Investigating | S::Responded, S::Withdrawn) => &[T::Withdraw],

        (S::Received | S::Acknowledged | S::Investigating | S::Responded, S::Received)
        | (S::Acknowledged | S::Investigating | S::Responded, S::Acknowledged)
        | (S::Investigating | S::Responded, S::Investigating)
        | (S::Responded, S::Responded)
        | (S::Resolved, S::Received | S::Acknowledged | S::Investigating | S::Responded | S::Resolved | S::Withdrawn) => {
            &[]
        }
        (
            S::Closed | S::Withdrawn,
            S::Received | S::Acknowledged | S::Investigating | S::Responded | S::Resolved | S::Closed | S::Withdrawn,
        ) => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_where_it_says() {
        for from in State::ALL {
            for to in State::ALL {
                let steps = path(*from, *to);
                let end = steps.iter().try_fold(*from, |state, step| next(state, *step));
                assert_eq!(end, Some(if steps.is_empty() { *from } else { *to }), "{from} to {to}");
            }
        }
    }

    #[test]
    fn only_a_withdrawn_complaint_is_at_its_end() {
        for state in State::ALL {
            assert_eq!(allowed(*state).next().is_none(), *state == State::Withdrawn, "{state}");
        }
    }

    #[test]
    fn every_open_state_can_be_answered_and_taken_back() {
        for state in State::ALL {
            assert_eq!(next(*state, Transition::Respond).is_some(), state.is_open(), "{state}");
            assert_eq!(next(*state, Transition::Withdraw).is_some(), state.is_open(), "{state}");
        }
    }

    #[test]
    fn a_refusal_names_what_is_allowed() {
        let refused = NotAllowed { state: State::Resolved, transition: Transition::Respond };
        assert_eq!(
            refused.to_string(),
            "a complaint that is resolved cannot be moved on by respond; allowed: close, reopen"
        );
        let refused = NotAllowed { state: State::Withdrawn, transition: Transition::Reopen };
        assert_eq!(
            refused.to_string(),
            "a complaint that is withdrawn cannot be moved on by reopen; nothing is allowed any more"
        );
    }
}
