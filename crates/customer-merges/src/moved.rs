/// Declares `to_move`, `note` and `forget` for a kind of thing:
/// `moved!(interactions, moved_interactions (interaction_id));`, where the first table has `id` and `customer_id`, and the
/// second one says whose a moved thing was at first (`origin_id`), so that undoing finds exactly these.
#[macro_export]
macro_rules! moved {
    ($things:ident, $moved:ident ($thing_id:ident)) => {
        /// What is to go from one customer to another because its origin was merged, or is itself again; locked with its
        /// customer.
        pub async fn to_move(
            tx: &mut database::Tx,
            origin: registry_contract::CustomerId,
            from: registry_contract::CustomerId,
        ) -> database::Result<Vec<database::Id>> {
            use database::{Id, on};
            use diesel::prelude::*;
            use diesel_async::RunQueryDsl;

            let (origin, from) = (Id::from(origin), Id::from(from));
            let placed = || $moved::table.inner_join($things::table.on($things::id.eq($moved::$thing_id)));
            // What is elsewhere than its origin has become was given there by hand: no merge takes it back.
            let mut given: Vec<Id> = on!(tx, |c| placed()
                .filter($moved::origin_id.eq(origin))
                .filter($things::customer_id.ne(from))
                .select($things::id)
                .load(c)
                .await)?;
            if origin == from {
                let came = $crate::origins(tx, &[from]).await?.origins(from.get());
                let came: Vec<Id> = came.into_iter().map(Id::from).collect();
                let others: Vec<Id> = on!(tx, |c| placed()
                    .filter($things::customer_id.eq(from))
                    .filter($moved::origin_id.ne_all(&came))
                    .select($things::id)
                    .load(c)
                    .await)?;
                given.extend(others);
            }
            for id in given {
                on!(tx, |c| diesel::delete($moved::table.find(id)).execute(c).await)?;
            }
            if origin == from {
                let own: Vec<Id> = on!(tx, |c| $things::table
                    .filter($things::customer_id.eq(from))
                    .select($things::id)
                    .load(c)
                    .await)?;
                for id in own {
                    note(tx, id, origin).await?;
                }
            }
            on!(tx, |c| {
                placed()
                    .filter($moved::origin_id.eq(origin))
                    .filter($things::customer_id.eq(from))
                    .order($things::id)
                    .select($things::id)
                    .load(c)
                    .await
            })
        }

        /// Notes whose a thing was at first. What came from another origin keeps it.
        pub async fn note(tx: &mut database::Tx, id: database::Id, origin: database::Id) -> database::Result<()> {
            use database::on;
            use diesel::prelude::*;
            use diesel_async::RunQueryDsl;

            let row = ($moved::$thing_id.eq(id), $moved::origin_id.eq(origin));
            on!(tx, |c| diesel::insert_into($moved::table).values(row).on_conflict_do_nothing().execute(c).await)?;
            Ok(())
        }

        /// The origin has its own back.
        pub async fn forget(tx: &mut database::Tx, origin: registry_contract::CustomerId) -> database::Result<()> {
            use database::{Id, on};
            use diesel::prelude::*;
            use diesel_async::RunQueryDsl;

            let own = $moved::table.filter($moved::origin_id.eq(Id::from(origin)));
            on!(tx, |c| diesel::delete(own).execute(c).await)?;
            Ok(())
        }
    };
}
