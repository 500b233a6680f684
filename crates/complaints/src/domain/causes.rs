use std::collections::HashMap;

use complaints_contract::{Cause, CauseCategory, CauseId, CausePatch, CauseState, NewCause};
use problem::FieldError;

use super::Faults;

/// Five whys are the rule; a line of more than seven has lost its way.
pub const DEEPEST: i32 = 7;

/// A cause that may stand among the others of its complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseDetails {
    pub parent_id: Option<CauseId>,
    pub depth: i32,
    pub category: CauseCategory,
    pub label: Option<String>,
    pub text: String,
    pub state: CauseState,
}

impl CauseDetails {
    /// Names every fault at once. `others` are all causes that the complaint has.
    pub fn parse(new: &NewCause, others: &[Cause]) -> Result<Self, Vec<FieldError>> {
        let mut faults = Faults::default();
        let parent = new.parent_id.and_then(|id| others.iter().find(|cause| cause.id == id));
        if new.parent_id.is_some() && parent.is_none() {
            faults.add("/parent_id", "unknown-cause", "this complaint has no such cause");
        }
        let depth = parent.map_or(1, |parent| parent.depth + 1);
        if depth > DEEPEST {
            faults.add("/parent_id", "too-deep", format!("at most {DEEPEST} whys lead down from a rib"));
        }
        if parent.is_some_and(|parent| parent.state == CauseState::Dismissed) {
            faults.add("/parent_id", "dismissed", "was found not to be a cause, so it needs no explanation");
        }
        let category = match (new.category, parent) {
            (Some(given), Some(parent)) if given != parent.category => {
                faults.add("/category", "not-the-parents", format!("must be the parent's, {}", parent.category));
                given
            }
            (Some(given), _) => given,
            (None, Some(parent)) => parent.category,
            (None, None) => {
                if new.parent_id.is_none() {
                    faults.add("/category", "missing", "says to which rib of the fishbone the cause belongs");
                }
                CauseCategory::Process
            }
        };
        let state = new.state.unwrap_or(CauseState::Suspected);
        if state == CauseState::Root {
            one_root(&mut faults, new.parent_id, None, others);
        }
        let details = Self {
            parent_id: new.parent_id,
            depth,
            category,
            label: faults.some_text("/label", new.label.as_deref(), 100),
            text: faults.text("/text", &new.text, 2_000),
            state,
        };
        faults.none_or(details)
    }

    /// The cause as the patch leaves it; names every fault at once.
    pub fn amended(before: &Cause, patch: &CausePatch, others: &[Cause]) -> Result<Self, Vec<FieldError>> {
        let mut faults = Faults::default();
        let state = patch.state.unwrap_or(before.state);
        if state == CauseState::Root && before.state != CauseState::Root {
            one_root(&mut faults, before.parent_id, Some(before.id), others);
        }
        let above = others.iter().find(|cause| before.parent_id == Some(cause.id));
        if state != CauseState::Dismissed && above.is_some_and(|above| above.state == CauseState::Dismissed) {
            faults.add(
                "/state",
                "dismissed-above",
                "the cause that it explains was dismissed; take that one up again first",
            );
        }
        let explained = |cause: &Cause| cause.parent_id == Some(before.id) && cause.state != CauseState::Dismissed;
        if state == CauseState::Dismissed && others.iter().any(explained) {
            faults.add("/state", "has-causes", "dismiss the causes below it first");
        }
        let details = Self {
            parent_id: before.parent_id,
            depth: before.depth,
            category: before.category,
            label: match &patch.label {
                Some(label) => faults.some_text("/label", label.as_deref(), 100),
                None => before.label.clone(),
            },
            text: match &patch.text {
                Some(text) => faults.text("/text", text, 2_000),
                None => before.text.clone(),
            },
            state,
        };
        faults.none_or(details)
    }

    #[must_use]
    pub fn is_of(&self, cause: &Cause) -> bool {
        self.label == cause.label && self.text == cause.text && self.state == cause.state
    }
}

/// On one line from the rib down, there is one root at most: neither above (`parent` and on) nor below (`own`).
fn one_root(faults: &mut Faults, parent: Option<CauseId>, own: Option<CauseId>, others: &[Cause]) {
    let by_id: HashMap<CauseId, &Cause> = others.iter().map(|cause| (cause.id, cause)).collect();
    let is_root = |cause: &&Cause| cause.state == CauseState::Root;
    if line(parent, &by_id).any(|cause| is_root(&cause)) {
        faults.add("/state", "root-above", "a cause above it on the same line is the root already");
    }
    let below = |cause: &&Cause| own.is_some_and(|own| line(cause.parent_id, &by_id).any(|above| above.id == own));
    if others.iter().filter(is_root).any(|cause| below(&cause)) {
        faults.add("/state", "root-below", "a cause below it on the same line is the root already");
    }
}

fn line<'a>(from: Option<CauseId>, by_id: &HashMap<CauseId, &'a Cause>) -> impl Iterator<Item = &'a Cause> {
    std::iter::successors(from.and_then(|id| by_id.get(&id).copied()), |cause| {
        cause.parent_id.and_then(|id| by_id.get(&id).copied())
    })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use complaints_contract::ComplaintId;
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;
    use proptest::sample::select;
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> CauseId {
        Uuid::from_u128(number).into()
    }

    fn cause(number: u128, parent: Option<u128>, depth: i32, state: CauseState) -> Cause {
        Cause {
            id: id(number),
            complaint_id: ComplaintId::from(Uuid::nil()),
            parent_id: parent.map(id),
            depth,
            category: CauseCategory::Process,
            label: None,
            text: "because".to_owned(),
            state,
            version: 1,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn new(parent: Option<u128>, state: CauseState) -> NewCause {
        NewCause { parent_id: parent.map(id), category: None, label: None, text: "why".into(), state: Some(state) }
    }

    fn codes(faults: Vec<FieldError>) -> Vec<(String, String)> {
        faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    #[test]
    fn where_a_cause_may_stand() {
        use CauseState::{Dismissed, Root, Suspected};
        let mut others =
            vec![cause(1, None, 1, Suspected), cause(2, Some(1), 2, Dismissed), cause(3, Some(1), 2, Root)];
        others.push(cause(9, None, DEEPEST, Suspected));
        for (given, expected) in [
            (new(Some(1), Suspected), vec![]),
            (new(Some(1), Root), vec![]),
            (new(Some(7), Suspected), vec![("/parent_id", "unknown-cause")]),
            (new(Some(2), Suspected), vec![("/parent_id", "dismissed")]),
            (new(Some(3), Root), vec![("/state", "root-above")]),
            (new(Some(9), Suspected), vec![("/parent_id", "too-deep")]),
            (new(None, Suspected), vec![("/category", "missing")]),
            (
                NewCause { category: Some(CauseCategory::Parts), text: " ".into(), ..new(Some(1), Suspected) },
                vec![("/category", "not-the-parents"), ("/text", "blank")],
            ),
        ] {
            let found = codes(CauseDetails::parse(&given, &others).err().unwrap_or_default());
            let found: Vec<_> = found.iter().map(|(pointer, code)| (pointer.as_str(), code.as_str())).collect();
            assert_eq!(found, expected, "{given:?}");
        }
        let below = CauseDetails::parse(&new(Some(1), Suspected), &others).expect("right");
        assert_eq!((below.depth, below.category), (2, CauseCategory::Process));
    }

    #[test]
    fn what_a_cause_may_become() {
        use CauseState::{Dismissed, Root, Suspected};
        let mut others =
            vec![cause(1, None, 1, Suspected), cause(2, Some(1), 2, Suspected), cause(3, Some(2), 3, Root)];
        others.extend([cause(4, None, 1, Dismissed), cause(5, Some(4), 2, Dismissed)]);
        for (number, state, expected) in [
            (0, Root, Some("root-below")),
            (0, Dismissed, Some("has-causes")),
            (1, Root, Some("root-below")),
            (2, Root, None),
            (2, Dismissed, None),
            (3, Suspected, None),
            (4, Suspected, Some("dismissed-above")),
            (4, Dismissed, None),
        ] {
            let patch = CausePatch { state: Some(state), ..CausePatch::default() };
            let faults = CauseDetails::amended(&others[number], &patch, &others).err().unwrap_or_default();
            assert_eq!(faults.first().map(|fault| fault.code.as_str()), expected, "{number} {state}");
        }
    }

    proptest! {
        /// Whatever is tried, no line from a rib down has two roots, and nobody explains what was dismissed.
        #[test]
        fn no_line_has_two_roots(tries in vec((option::of(0..8_usize), select(CauseState::ALL.to_vec()), any::<bool>()), 1..40)) {
            let mut causes: Vec<Cause> = Vec::new();
            for (place, state, amend) in tries {
                let chosen = place.and_then(|place| causes.get(place)).cloned();
                match chosen {
                    Some(chosen) if amend => {
                        let patch = CausePatch { state: Some(state), ..CausePatch::default() };
                        if let Ok(details) = CauseDetails::amended(&chosen, &patch, &causes) {
                            let own = causes.iter_mut().find(|cause| cause.id == chosen.id).expect("is there");
                            own.state = details.state;
                        }
                    }
                    parent => {
                        let new = NewCause {
                            parent_id: parent.map(|parent| parent.id),
                            category: None,
                            label: None,
                            text: "why".into(),
                            state: Some(state),
                        };
                        let new = NewCause { category: new.parent_id.is_none().then_some(CauseCategory::Parts), ..new };
                        if let Ok(details) = CauseDetails::parse(&new, &causes) {
                            let number = causes.len() as u128 + 1;
                            let parent = details.parent_id.map(|id| Uuid::from(id).as_u128());
                            causes.push(Cause { category: details.category, ..cause(number, parent, details.depth, details.state) });
                        }
                    }
                }
                let by_id: HashMap<_, _> = causes.iter().map(|cause| (cause.id, cause)).collect();
                for cause in &causes {
                    let above: Vec<_> = line(cause.parent_id, &by_id).collect();
                    let roots = above.iter().filter(|one| one.state == CauseState::Root).count();
                    prop_assert!(roots + usize::from(cause.state == CauseState::Root) <= 1);
                    prop_assert!(cause.depth <= DEEPEST && above.len() + 1 == usize::try_from(cause.depth).expect("small"));
                    let dismissed = above.first().is_some_and(|parent| parent.state == CauseState::Dismissed);
                    prop_assert!(!dismissed || cause.state == CauseState::Dismissed);
                }
            }
        }
    }
}
