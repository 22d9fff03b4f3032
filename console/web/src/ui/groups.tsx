// The group selector. Groups are X-Ray's: named filter expressions that the server keeps.
import { post } from '../api.ts';
import { asked, group, setParams } from '../state.ts';
import { Icon } from './icon.tsx';
import { Slot } from '../slot.ts';

/** POST /Groups */
interface GroupsReply {
  Groups?: { GroupName: string; FilterExpression?: string }[];
  NextToken?: string;
}

interface Group {
  name: string;
  expression: string;
}

const slot = new Slot<Group[]>();

export function GroupSelector() {
  const groups = slot.ask(`groups ${asked.value}`, allGroups).value ?? [];
  const named = groups.filter((g) => g.name !== 'Default');
  const unknown = group.value !== '' && group.value !== 'Default' && !named.some((g) => g.name === group.value);
  if (named.length === 0 && !unknown) return null;
  return (
    <span class="select">
      <select class="button" aria-label="Group" value={group.value} onChange={(event) => setParams({ group: event.currentTarget.value })}>
        <option value="">All traces</option>
        {named.map((g) => (
          <option key={g.name} value={g.name} title={g.expression}>
            {g.name}
          </option>
        ))}
        {unknown && <option value={group.value}>{`${group.value} (gone)`}</option>}
      </select>
      <Icon name="down" />
    </span>
  );
}

async function allGroups(abort: AbortSignal): Promise<Group[]> {
  const groups: Group[] = [];
  let token: string | undefined;
  do {
    const page: GroupsReply = await post<GroupsReply>('Groups', token ? { NextToken: token } : {}, abort);
    for (const g of page.Groups ?? []) groups.push({ name: g.GroupName, expression: g.FilterExpression ?? '' });
    token = page.NextToken;
  } while (token && groups.length < 1000);
  return groups.sort((a, b) => (a.name < b.name ? -1 : 1));
}
