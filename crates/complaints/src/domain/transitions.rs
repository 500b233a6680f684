use complaints_contract::{State, Transition};

use super::Power;

/// A transition that the complaint's state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a complaint that is {state} cannot be moved on by {transition}; {}", choices(.allowed))]
pub struct NotAllowed {
    pub state: State,
    pub transition: Transition,
    /// What is allowed instead, to whoever asked.
    pub allowed: Vec<Transition>,
}

/// Why a transition was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    NotAllowed(NotAllowed),
    /// The state allows it, but not to this caller.
    Forbidden {
        transition: Transition,
        needs: Power,
    },
}

impl From<NotAllowed> for Refused {
    fn from(refused: NotAllowed) -> Self {
        Self::NotAllowed(refused)
    }
}

/// Where a transition leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leads {
    To(State),
    /// Nowhere: something is noted, and the complaint is where it was.
    Stay,
    /// Where it stood before it waited.
    Back,
}

/// Where the transition leads from the state, or nothing where it is not allowed.
///
/// A response may come before any acknowledgement, and again after another response or an escalation; an assessment may
/// be repeated while the complaint is worked on; what is settled without the customer's acceptance may be closed, by
/// those who may. While we wait for the customer, nothing is answered or settled: the wait ends first, so that the
/// clocks know for how long they stood still. What the customer says is heard whatever the state.
#[must_use]
pub fn next(state: State, transition: Transition) -> Option<Leads> {
    use {State as S, Transition as T};
    match (state, transition) {
        (S::Received, T::Acknowledge) => Some(Leads::To(S::Acknowledged)),
        (S::Acknowledged, T::Assess) => Some(Leads::To(S::Assessed)),
        (S::Assessed | S::Investigating | S::Escalated, T::Assess) => Some(Leads::Stay),
        (S::Assessed | S::Responded | S::Escalated, T::Investigate) => Some(Leads::To(S::Investigating)),
        (S::Received | S::Acknowledged | S::Assessed | S::Investigating | S::Responded | S::Escalated, T::Respond) => {
            Some(Leads::To(S::Responded))
        }
        (S::Responded, T::Accept) => Some(Leads::To(S::Accepted)),
        (S::Acknowledged | S::Assessed | S::Investigating | S::Responded | S::Accepted | S::Escalated, T::Escalate) => {
            Some(Leads::To(S::Escalated))
        }
        (S::Acknowledged | S::Assessed | S::Investigating | S::Responded | S::Accepted | S::Escalated, T::Wait) => {
            Some(Leads::To(S::Waiting))
        }
        (S::Waiting, T::Resume) => Some(Leads::Back),
        (S::Responded | S::Accepted | S::Escalated, T::Resolve) => Some(Leads::To(S::Resolved)),
        (S::Resolved, T::Close) => Some(Leads::To(S::Closed)),
        (S::Closed, T::FollowUp) => Some(Leads::To(S::FollowedUp)),
        (S::Resolved | S::Closed | S::FollowedUp | S::Rejected, T::Reopen) => Some(Leads::To(S::Investigating)),
        (
            S::Received
            | S::Acknowledged
            | S::Assessed
            | S::Investigating
            | S::Responded
            | S::Accepted
            | S::Escalated
            | S::Waiting,
            T::Withdraw,
        ) => Some(Leads::To(S::Withdrawn)),
        (
            S::Received | S::Acknowledged | S::Assessed | S::Investigating | S::Responded | S::Escalated | S::Waiting,
            T::Reject,
        ) => Some(Leads::To(S::Rejected)),
        (
            S::Received
            | S::Acknowledged
            | S::Assessed
            | S::Investigating
            | S::Responded
            | S::Accepted
            | S::Escalated
            | S::Waiting,
            T::Contain,
        ) => Some(Leads::Stay),
        (
            S::Received
            | S::Acknowledged
            | S::Assessed
            | S::Investigating
            | S::Responded
            | S::Accepted
            | S::Escalated
            | S::Waiting
            | S::Resolved,
            T::Inform,
        ) => Some(Leads::Stay),
        (
            S::Received
            | S::Acknowledged
            | S::Assessed
            | S::Investigating
            | S::Responded
            | S::Accepted
            | S::Escalated
            | S::Waiting
            | S::Resolved
            | S::Closed
            | S::FollowedUp
            | S::Withdrawn
            | S::Rejected,
            T::Hear,
        ) => Some(Leads::Stay),

        (
            S::Acknowledged
            | S::Assessed
            | S::Investigating
            | S::Responded
            | S::Accepted
            | S::Escalated
            | S::Waiting
            | S::Resolved
            | S::Closed
            | S::FollowedUp
            | S::Withdrawn
            | S::Rejected,
            T::Acknowledge,
        )
        | (
            S::Received
            | S::Responded
            | S::Accepted
            | S::Waiting
            | S::Resolved
            | S::Closed
            | S::FollowedUp
            | S::Withdrawn
            | S::Rejected,
            T::Assess,
        )
        | (
            S::Received
            | S::Acknowledged
            | S::Investigating
            | S::Accepted
            | S::Waiting
            | S::Resolved
            | S::Closed
            | S::FollowedUp
            | S::Withdrawn
            | S::Rejected,
            T::Investigate,
        )
        | (
            S::Accepted | S::Waiting | S::Resolved | S::Closed | S::FollowedUp | S::Withdrawn | S::Rejected,
            T::Respond,
        )
        | (
            S::Received
            | S::Acknowledged
            | S::Assessed
            | S::Investigating
            | S::Accepted
            | S::Escalated
            | S::Waiting
            | S::Resolved
            | S::Closed
            | S::FollowedUp
            | S::Withdrawn
            | S::Rejected,
            T::Accept,
        )
        | (
            S::Received | S::Waiting | S::Resolved | S::Closed | S::FollowedUp | S::Withdrawn | S::Rejected,
            T::Escalate,
        )
        | (S::Received | S::Waiting | S::Resolved | S::Closed | S::FollowedUp | S::Withdrawn | S::Rejected, T::Wait)
        | (
            S::Received
            | S::Acknowledged
            | S::Assessed
            | S::Investigating
            | S::Responded
            | S::Accepted
            | S::Escalated
            | S::Resolved
            | S::Closed
            | S::FollowedUp
            | S::Withdrawn
            | S::Rejected,
            T::Resume,
        )
        | (
            S::Received
            | S::Acknowledged
            | S::Assessed
            | S::Investigating
            | S::Waiting
            | S::Resolved
            | S::Closed
            | S::FollowedUp
            | S::Withdrawn
            | S::Rejected,
            T::Resolve,
        )
        | (
            S::Received
            | S::Acknowledged
            | S::Assessed
            | S::Investigating
            | S::Responded
            | S::Accepted
            | S::Escalated
            | S::Waiting
            | S::Closed
            | S::FollowedUp
            | S::Withdrawn
            | S::Rejected,
            T::Close,
        )
        | (
            S::Received
            | S::Acknowledged
            | S::Assessed
            | S::Investigating
            | S::Responded
            | S::Accepted
            | S::Escalated
            | S::Waiting
            | S::Resolved
            | S::FollowedUp
            | S::Withdrawn
            | S::Rejected,
            T::FollowUp,
        )
        | (
            S::Received
            | S::Acknowledged
            | S::Assessed
            | S::Investigating
            | S::Responded
            | S::Accepted
            | S::Escalated
            | S::Waiting
            | S::Withdrawn,
            T::Reopen,
        )
        | (S::Resolved | S::Closed | S::FollowedUp | S::Withdrawn | S::Rejected, T::Withdraw)
        | (S::Accepted | S::Resolved | S::Closed | S::FollowedUp | S::Withdrawn | S::Rejected, T::Reject)
        | (S::Resolved | S::Closed | S::FollowedUp | S::Withdrawn | S::Rejected, T::Contain)
        | (S::Closed | S::FollowedUp | S::Withdrawn | S::Rejected, T::Inform) => None,
    }
}

/// What can be done from the state, by someone.
pub fn allowed(state: State) -> impl Iterator<Item = Transition> {
    Transition::ALL.iter().copied().filter(move |transition| next(state, *transition).is_some())
}

fn choices(allowed: &[Transition]) -> String {
    let allowed: Vec<_> = allowed.iter().map(|transition| transition.as_str()).collect();
    if allowed.is_empty() {
        "nothing is allowed to you any more".to_owned()
    } else {
        format!("allowed: {}", allowed.join(", "))
    }
}

/// The transitions by which a source's report brings a complaint from where it stands to where the source has it; `back`
/// is where one that waits goes on. A source only ever moves a complaint forward: what it reports from behind is late,
/// and reopening is an act of its own.
#[must_use]
pub fn path(from: State, back: Option<State>, to: State) -> Vec<Transition> {
    use {State as S, Transition as T};
    let can = |transition| next(from, transition).is_some();
    match (from, to) {
        (S::Withdrawn | S::Rejected, _) => vec![],
        (_, S::Withdrawn) => if_possible(can(T::Withdraw), T::Withdraw),
        (_, S::Rejected) => if_possible(can(T::Reject), T::Reject),
        (S::Received, S::Waiting) => vec![T::Acknowledge, T::Wait],
        (_, S::Waiting) => if_possible(can(T::Wait), T::Wait),
        (S::Received, S::Escalated) => vec![T::Acknowledge, T::Escalate],
        (S::Escalated, S::Escalated) => vec![],
        (S::Acknowledged | S::Assessed | S::Investigating | S::Responded | S::Accepted, S::Escalated) => {
            vec![T::Escalate]
        }
        (S::Waiting, _) => {
            let back = back.unwrap_or(S::Investigating);
            let onward = path(back, None, to);
            // A report from before the wait does not end it.
            let ends = !onward.is_empty() || (back == to && to != S::Acknowledged);
            if ends { std::iter::once(T::Resume).chain(onward).collect() } else { vec![] }
        }
        _ => straight(from, to),
    }
}

fn if_possible(possible: bool, transition: Transition) -> Vec<Transition> {
    if possible { vec![transition] } else { vec![] }
}

/// The shortest way along the line that a complaint takes when all goes well; nothing where that would lead back.
fn straight(from: State, to: State) -> Vec<Transition> {
    use {State as S, Transition as T};
    let (Some(at), Some(end)) = (place(from), place(to)) else { return vec![] };
    let answered = end >= 4;
    let mut way = vec![];
    for (step, place) in [
        (T::Acknowledge, 1),
        (T::Assess, 2),
        (T::Investigate, 3),
        (T::Respond, 4),
        (T::Accept, 5),
        (T::Resolve, 6),
        (T::Close, 7),
        (T::FollowUp, 8),
    ] {
        let skipped = match step {
            T::Assess | T::Investigate => answered,
            // An escalated complaint may be settled without another answer.
            T::Respond => from == S::Escalated && end >= 6,
            T::Accept => end != 5,
            _ => false,
        };
        if at < place && place <= end && !skipped {
            way.push(step);
        }
    }
    way
}

/// How far along that line a state is. Someone is at work on what was escalated.
fn place(state: State) -> Option<u8> {
    match state {
        State::Received => Some(0),
        State::Acknowledged => Some(1),
        State::Assessed => Some(2),
        State::Investigating | State::Escalated => Some(3),
        State::Responded => Some(4),
        State::Accepted => Some(5),
        State::Resolved => Some(6),
        State::Closed => Some(7),
        State::FollowedUp => Some(8),
        State::Waiting | State::Withdrawn | State::Rejected => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the transition leads, with `back` as where a wait began.
    fn lands(state: State, back: State, transition: Transition) -> Option<State> {
        next(state, transition).map(|leads| match leads {
            Leads::To(to) => to,
            Leads::Stay => state,
            Leads::Back => back,
        })
    }

    #[test]
    fn a_path_leads_where_it_says() {
        let backs = State::ALL.iter().filter(|back| next(**back, Transition::Wait).is_some());
        for back in backs {
            for from in State::ALL {
                for to in State::ALL {
                    let steps = path(*from, Some(*back), *to);
                    let end = steps.iter().try_fold(*from, |state, step| lands(state, *back, *step));
                    assert_eq!(end, Some(if steps.is_empty() { *from } else { *to }), "{from} ({back}) to {to}");
                }
            }
        }
    }

    #[test]
    fn a_source_never_leads_back() {
        for from in State::ALL {
            for to in State::ALL {
                if place(*to) < place(*from) && place(*from).is_some() && place(*to).is_some() {
                    // Whoever disputes an answer takes it to those above: that is no way back.
                    let disputed = *to == State::Escalated && matches!(from, State::Responded | State::Accepted);
                    let expected = if_possible(disputed, Transition::Escalate);
                    assert_eq!(path(*from, None, *to), expected, "{from} to {to}");
                }
            }
            assert_eq!(path(State::Withdrawn, None, *from), []);
            assert_eq!(path(State::Rejected, None, *from), []);
        }
        assert_eq!(path(State::Received, None, State::Closed).len(), 4);
        assert_eq!(path(State::Waiting, Some(State::Investigating), State::Acknowledged), []);
    }

    /// One line a state, one column a transition, in the order of the contract: `-` refused, `=` stays, `<` goes back,
    /// a letter the state it leads to. Whoever changes the rules changes this table too.
    #[test]
    fn every_pair_is_as_the_table_says() {
        const TABLE: &[(State, &str)] = &[
            (State::Received, "a--r--------WX==="),
            (State::Acknowledged, "-s-r-ew-----WX==="),
            (State::Assessed, "-=ir-ew-----WX==="),
            (State::Investigating, "-=-r-ew-----WX==="),
            (State::Responded, "--iryew-R---WX==="),
            (State::Accepted, "-----ew-R---W-==="),
            (State::Escalated, "-=ir-ew-R---WX==="),
            (State::Waiting, "-------<----WX==="),
            (State::Resolved, "---------C-i---=="),
            (State::Closed, "----------Fi----="),
            (State::FollowedUp, "-----------i----="),
            (State::Withdrawn, "----------------="),
            (State::Rejected, "-----------i----="),
        ];
        let letter = |state| match state {
            State::Received => 'n',
            State::Acknowledged => 'a',
            State::Assessed => 's',
            State::Investigating => 'i',
            State::Responded => 'r',
            State::Accepted => 'y',
            State::Escalated => 'e',
            State::Waiting => 'w',
            State::Resolved => 'R',
            State::Closed => 'C',
            State::FollowedUp => 'F',
            State::Withdrawn => 'W',
            State::Rejected => 'X',
        };
        for (state, row) in TABLE {
            let found: String = Transition::ALL
                .iter()
                .map(|transition| match next(*state, *transition) {
                    None => '-',
                    Some(Leads::Stay) => '=',
                    Some(Leads::Back) => '<',
                    Some(Leads::To(to)) => letter(to),
                })
                .collect();
            assert_eq!(found, *row, "{state}");
        }
        assert_eq!(TABLE.len(), State::ALL.len());
    }

    #[test]
    fn only_a_withdrawn_complaint_is_at_its_end() {
        for state in State::ALL {
            let moves = allowed(*state).any(|transition| next(*state, transition) != Some(Leads::Stay));
            assert_eq!(!moves, *state == State::Withdrawn, "{state}");
        }
    }

    #[test]
    fn every_open_state_can_be_taken_back_and_every_customer_is_heard() {
        for state in State::ALL {
            assert_eq!(next(*state, Transition::Withdraw).is_some(), state.is_open(), "{state}");
            assert_eq!(next(*state, Transition::Hear), Some(Leads::Stay), "{state}");
        }
    }

    #[test]
    fn a_refusal_names_what_is_allowed() {
        let refused = NotAllowed {
            state: State::Resolved,
            transition: Transition::Respond,
            allowed: vec![Transition::Close, Transition::Reopen],
        };
        assert_eq!(
            refused.to_string(),
            "a complaint that is resolved cannot be moved on by respond; allowed: close, reopen"
        );
        let refused = NotAllowed { state: State::Withdrawn, transition: Transition::Reopen, allowed: vec![] };
        assert_eq!(
            refused.to_string(),
            "a complaint that is withdrawn cannot be moved on by reopen; nothing is allowed to you any more"
        );
    }
}
