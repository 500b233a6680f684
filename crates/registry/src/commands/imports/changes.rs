//! Rows that change known customers: checked one by one, written together.

use std::collections::HashSet;

use database::{Id, Instant, Tx};
use messaging::Act;
use registry_contract::{Customer, CustomerId, NewCustomer};

use crate::commands::customers::{Change, write_all};
use crate::domain::{Definitions, Faults};
use crate::error::Result;
use crate::store::{self, Undo};

/// Changes of one transaction that rows below know of, and the database does not yet; of a customer one at most.
#[derive(Default)]
pub(super) struct Changes {
    pending: Vec<Change>,
    ids: HashSet<CustomerId>,
    /// Read, and kept as they are, with the first value that asks for it.
    fields: Option<Definitions>,
}

impl Changes {
    pub fn holds(&self, customer: CustomerId) -> bool {
        self.ids.contains(&customer)
    }

    /// The customer as it is wanted, which is as it was when there is nothing to change. The change must be
    /// [plain](Change::is_plain), and the customer must have none that is pending.
    pub async fn add(
        &mut self,
        tx: &mut Tx,
        act: &Act,
        current: Customer,
        mut wanted: NewCustomer,
    ) -> Result<Customer> {
        let mut unfit = Faults::default();
        if wanted.custom_fields != current.custom_fields {
            let fields = self.fields(tx).await?;
            fields.check(&current.custom_fields, &mut wanted.custom_fields, &mut unfit);
        }
        let Some(change) = Change::of(&current, wanted, unfit, act.at.into())? else { return Ok(current) };
        let after = change.after.clone();
        self.ids.insert(after.id);
        self.pending.push(change);
        Ok(after)
    }

    async fn fields(&mut self, tx: &mut Tx) -> Result<&Definitions> {
        if self.fields.is_none() {
            store::hold_custom_fields(tx).await?;
            self.fields = Some(store::definitions(tx).await?);
        }
        Ok(self.fields.get_or_insert_default())
    }

    /// Writes all that is pending, and how the import takes it back.
    pub async fn write(&mut self, tx: &mut Tx, act: &Act, import: Id, began: Instant) -> Result<()> {
        self.ids.clear();
        let changes = std::mem::take(&mut self.pending);
        write_all(tx, act, &changes).await?;
        let mut undos = Vec::with_capacity(changes.len());
        for Change { before, after, .. } in changes {
            undos.push(Undo::of(&before, after.version, began)?);
        }
        Ok(store::note_undos(tx, import, &undos).await?)
    }
}
