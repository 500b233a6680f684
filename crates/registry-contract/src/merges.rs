//! Two records of one customer made one, and the way back.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wire::{Entity, Reference, words};

use crate::{CustomerId, MergeId};

words! {
    /// Which of two customers a field's value is taken from.
    MergeSource {
        /// The one that stays.
        Survivor = "survivor",
        /// The one that is merged into it.
        Merged = "merged",
    }
}

/// Which customer to merge into the one of the path, and what to take from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMerge {
    /// The other customer, by id or code: it becomes part of the one in the path.
    #[schema(value_type = String, min_length = 1, max_length = 64, example = "C-000123")]
    pub merged_id: Reference<CustomerId>,
    /// For each field named, whose value stays; the survivor's for every other. Fields as in a customer to create. These
    /// are never taken from the merged one: `external_ids` and `identifiers`, which go along anyway; `tier`, which people
    /// decide on (`/tier-proposals`); `parent_id`, which has days (`/customers/{id}/links`). A `lifecycle` is taken also
    /// where it jumps stages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(example = json!({"name": "merged", "phone": "merged"}))]
    pub fields: BTreeMap<String, MergeSource>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 500)]
    pub reason: Option<String>,
}

/// How much there is of something: of what belonged to the merged customer and now belongs to the survivor, or of what was
/// cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MergeMoved {
    /// Such as `contacts` or `positions`.
    pub what: String,
    pub count: i64,
}

/// A merge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Merge {
    pub id: MergeId,
    pub survivor_id: CustomerId,
    pub merged_id: CustomerId,
    pub merged_code: String,
    /// Fields whose values were taken from the merged customer.
    pub fields: Vec<String>,
    pub reason: Option<String>,
    pub moved: Vec<MergeMoved>,
    /// What was cut when it was undone, since it referred from one of the two to what is the other's again.
    #[serde(default)]
    pub cut: Vec<MergeMoved>,
    pub merged_at: DateTime<Utc>,
    /// Who merged: `user:<id>`, `key:<id>` or `system`.
    pub merged_by: String,
    /// Until when it can be undone.
    pub undo_until: DateTime<Utc>,
    pub undone_at: Option<DateTime<Utc>>,
    pub undone_by: Option<String>,
}

impl Entity for Merge {
    const PATH: &'static str = "/api/v1/customer-merges";

    fn id(&self) -> Uuid {
        self.id.into()
    }

    /// 1 while merged, 2 once undone.
    fn version(&self) -> i64 {
        if self.undone_at.is_some() { 2 } else { 1 }
    }
}

/// What to do, when a merge is undone, about what refers from one of the two customers to what is the other's again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnmergeQuery {
    /// Cuts it, and says in the answer how much that was; without this, the undoing is refused, and all of it named.
    #[serde(default)]
    #[param(required = false, default = false)]
    pub cut: bool,
}

/// The answer to whoever asks for a customer that was merged: who it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomerMoved {
    pub id: CustomerId,
    pub code: String,
    /// The customer it was merged into, followed to the end.
    pub merged_into: CustomerId,
}

/// Who was merged into whom. What is merged twice over is followed to the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redirects(HashMap<CustomerId, CustomerId>);

impl FromIterator<(CustomerId, CustomerId)> for Redirects {
    fn from_iter<I: IntoIterator<Item = (CustomerId, CustomerId)>>(merged_into: I) -> Self {
        Self(merged_into.into_iter().collect())
    }
}

impl Redirects {
    /// The customer that `id` has become; itself where it was not merged. Events out of order may close a circle for a
    /// moment: who stands in one stays where he is.
    #[must_use]
    pub fn resolve(&self, id: CustomerId) -> CustomerId {
        let mut seen = HashSet::from([id]);
        let mut at = id;
        while let Some(next) = self.0.get(&at).copied() {
            if !seen.insert(next) {
                return id;
            }
            at = next;
        }
        at
    }

    /// `id` and everyone who was merged into it, directly or by way of others.
    #[must_use]
    pub fn origins(&self, id: CustomerId) -> Vec<CustomerId> {
        let mut origins = vec![id];
        let mut place = 0;
        while let Some(into) = origins.get(place).copied() {
            let more: Vec<_> =
                self.0.iter().filter(|(of, to)| **to == into && !origins.contains(of)).map(|(of, _)| *of).collect();
            origins.extend(more);
            place += 1;
        }
        origins
    }

    /// The same with one change: merged into another, or not merged any more.
    #[must_use]
    pub fn with(&self, merged: CustomerId, into: Option<CustomerId>) -> Self {
        let mut next = self.clone();
        match into {
            Some(into) => next.0.insert(merged, into),
            None => next.0.remove(&merged),
        };
        next
    }

    /// Whose things go from where to where when the one set of redirects follows the other: origin, from, to.
    #[must_use]
    pub fn moves(&self, next: &Self, merged: CustomerId) -> Vec<(CustomerId, CustomerId, CustomerId)> {
        let mut origins = self.origins(merged);
        origins.extend(next.origins(merged).into_iter().filter(|id| !origins.contains(id)).collect::<Vec<_>>());
        let moves = origins.into_iter().map(|origin| (origin, self.resolve(origin), next.resolve(origin)));
        moves.filter(|(_, from, to)| from != to).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> CustomerId {
        Uuid::from_u128(number).into()
    }

    #[test]
    fn a_merge_of_a_merge_is_followed_and_taken_back_step_by_step() {
        let (a, b, c) = (id(1), id(2), id(3));
        let none = Redirects::default();
        let first = none.with(a, Some(b));
        assert_eq!(none.moves(&first, a), [(a, a, b)]);
        let both = first.with(b, Some(c));
        let mut moves = first.moves(&both, b);
        moves.sort();
        assert_eq!(moves, [(a, b, c), (b, b, c)]);
        assert_eq!((both.resolve(a), both.resolve(c)), (c, c));
        let mut back = both.moves(&first, b);
        back.sort();
        assert_eq!(back, [(a, c, b), (b, c, b)]);
        assert_eq!(first.moves(&none, a), [(a, b, a)]);
    }

    #[test]
    fn the_order_of_two_merges_is_all_one() {
        let (a, b, c) = (id(1), id(2), id(3));
        let late = Redirects::default().with(b, Some(c));
        assert_eq!(late.moves(&late.with(a, Some(b)), a), [(a, a, c)]);
    }

    #[test]
    fn a_circle_holds_nobody_up() {
        let circle = Redirects::from_iter([(id(1), id(2)), (id(2), id(1)), (id(3), id(1))]);
        assert_eq!((circle.resolve(id(1)), circle.resolve(id(3))), (id(1), id(3)));
        assert_eq!(circle.origins(id(1)).len(), 3);
    }
}
