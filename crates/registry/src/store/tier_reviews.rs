use database::{Conn, Id, Instant, PageRequest, Result, keyset, on};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use registry_contract::{CustomerId, Tier, TierProposalState, TierReviewQuery};

use super::{CustomerRow, Word};
use crate::schema::{customers, tier_proposals};

/// Customers of a tier are due when they were last reviewed at this instant or before.
pub type ReviewedBy = (Tier, Instant);

/// A proposal that was decided is a review, whatever the decision was.
const REVIEWED: [&str; 2] = [TierProposalState::InEffect.as_str(), TierProposalState::Rejected.as_str()];

/// Expands to a boxed query of the customers due; inside `on!`.
macro_rules! due {
    ($wanted:expr, $due:expr) => {{
        let (wanted, due): (&TierReviewQuery, &[ReviewedBy]) = ($wanted, $due);
        type Condition = Box<dyn BoxableExpression<customers::table, Backend, SqlType = Bool>>;
        let mut any: Condition = Box::new(diesel::dsl::sql::<Bool>("1 = 0"));
        for (tier, by) in due {
            let later = tier_proposals::table
                .filter(tier_proposals::customer_id.eq(customers::id))
                .filter(tier_proposals::state.eq_any(REVIEWED))
                .filter(tier_proposals::updated_at.gt(*by));
            let of_tier = customers::tier.eq(Word(*tier)).and(customers::created_at.le(*by));
            any = Box::new(any.or(of_tier.and(not(exists(later)))));
        }
        let mut query = customers::table.filter(customers::merged_into.is_null()).into_boxed::<Backend>().filter(any);
        if let Some(owners) = &wanted.owner {
            query = query.filter(customers::owner.eq_any(&owners.0));
        }
        query
    }};
}

/// One row more than the page holds.
pub async fn list_tier_reviews(
    conn: &mut Conn,
    wanted: &TierReviewQuery,
    due: &[ReviewedBy],
    page: &PageRequest,
) -> Result<Vec<CustomerRow>> {
    on!(conn, |c| {
        let query = keyset!(due!(wanted, due), page, customers, { "code" => code: String });
        query.select(CustomerRow::as_select()).load(c).await
    })
}

pub async fn count_tier_reviews(conn: &mut Conn, wanted: &TierReviewQuery, due: &[ReviewedBy]) -> Result<i64> {
    on!(conn, |c| due!(wanted, due).count().get_result(c).await)
}

/// When each of these customers was last reviewed, if ever.
pub async fn reviewed_at(conn: &mut Conn, customers: &[Id]) -> Result<Vec<(CustomerId, Instant)>> {
    let reviews = tier_proposals::table
        .filter(tier_proposals::customer_id.eq_any(customers))
        .filter(tier_proposals::state.eq_any(REVIEWED))
        .order(tier_proposals::updated_at)
        .select((tier_proposals::customer_id, tier_proposals::updated_at));
    let rows: Vec<(Id, Instant)> = on!(conn, |c| reviews.load(c).await)?;
    Ok(rows.into_iter().map(|(id, at)| (id.get(), at)).collect())
}
