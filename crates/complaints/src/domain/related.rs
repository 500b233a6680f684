use std::collections::HashMap;

use chrono::TimeDelta;
use complaints_contract::{RelatedComplaint, Relation, RelationReason};

use super::Complaint;

/// From here on a suggestion is worth a look.
const WORTH_A_LOOK: i16 = 40;
/// Subjects less alike than this say nothing.
const ALIKE: f64 = 0.3;
const CLOSE: TimeDelta = TimeDelta::days(7);

/// How much speaks for `other`, of the same customer, being about the same as `one`; nothing where too little does.
#[must_use]
pub fn relate(one: &Complaint, other: &Complaint) -> Option<RelatedComplaint> {
    let mut reasons = vec![];
    let mut score = 0;
    let mut speaks = |points: i16, reason| {
        score += points;
        reasons.push(reason);
    };
    let alike = similarity(&one.details.subject, &other.details.subject);
    if alike >= ALIKE {
        speaks((alike * 50.0).round() as i16, RelationReason::SimilarSubject);
    }
    let same = |one: &Option<String>, other: &Option<String>| match (one, other) {
        (Some(one), Some(other)) => one.to_lowercase() == other.to_lowercase(),
        _ => false,
    };
    if same(&one.details.product, &other.details.product) {
        speaks(20, RelationReason::SameProduct);
    }
    if same(&one.details.order_number, &other.details.order_number) {
        speaks(30, RelationReason::SameOrder);
    }
    if same(&one.details.issue, &other.details.issue) {
        speaks(15, RelationReason::SameIssue);
    }
    if one.details.contact_id.is_some() && one.details.contact_id == other.details.contact_id {
        speaks(10, RelationReason::SameContact);
    }
    if (one.timeline.received_at - other.timeline.received_at).abs() <= CLOSE {
        speaks(5, RelationReason::CloseInTime);
    }
    let relation = if other.timeline.state.is_open() { Relation::Duplicate } else { Relation::Recurrence };
    (score >= WORTH_A_LOOK).then(|| RelatedComplaint {
        complaint_id: other.id,
        number: other.number.clone(),
        subject: other.details.subject.clone(),
        state: other.timeline.state,
        received_at: other.timeline.received_at,
        relation,
        score: score.min(100),
        reasons,
    })
}

/// Sørensen-Dice coefficient over pairs of neighbouring letters and digits, case-folded: 0 nothing in common, 1 the
/// same. Pairs of characters are words enough in Chinese, and forgive typing mistakes elsewhere.
fn similarity(one: &str, other: &str) -> f64 {
    let (one, other) = (pairs(one), pairs(other));
    let count = |pairs: &HashMap<(char, char), usize>| pairs.values().sum::<usize>();
    let all = count(&one) + count(&other);
    if all == 0 {
        return 0.0;
    }
    let common: usize = one.iter().map(|(pair, count)| (*count).min(other.get(pair).copied().unwrap_or(0))).sum();
    2.0 * common as f64 / all as f64
}

fn pairs(text: &str) -> HashMap<(char, char), usize> {
    let letters: Vec<char> = text.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
    let mut pairs = HashMap::new();
    for pair in letters.windows(2) {
        *pairs.entry((pair[0], pair[1])).or_default() += 1;
    }
    pairs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn alike_is_what_people_call_alike() {
        for (one, other, at_least, at_most) in [
            ("Line down", "line DOWN!", 1.0, 1.0),
            ("Line down in Shenzhen", "Line down again", 0.5, 0.7),
            ("基站退服", "基站又退服了", 0.4, 0.8),
            ("Line down", "Wrong invoice", 0.0, 0.2),
            ("?", "?", 0.0, 0.0),
        ] {
            let found = similarity(one, other);
            assert!((at_least..=at_most).contains(&found), "{one} / {other}: {found}");
        }
    }

    proptest! {
        #[test]
        fn similarity_is_a_share_and_the_same_from_both_sides(one in ".{0,30}", other in ".{0,30}") {
            let found = similarity(&one, &other);
            prop_assert!((0.0..=1.0).contains(&found));
            prop_assert_eq!(found, similarity(&other, &one));
        }
    }
}
