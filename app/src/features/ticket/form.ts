import { create } from 'zustand';
import { emptyForm, reduceForm, type TicketAction, type TicketForm } from './model.ts';

/** The order being written; `sheet` says whether a small screen shows it. A change of market empties it. */
export const useTicketForm = create<{ form: TicketForm; sheet: boolean }>(() => ({ form: emptyForm, sheet: false }));

export function changeForm(action: TicketAction): void {
  useTicketForm.setState(({ form }) => ({ form: reduceForm(form, action) }));
}
