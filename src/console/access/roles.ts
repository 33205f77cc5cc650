// Roles: what somebody may do. Each includes the one before.

/** `read` looks at everything that is shown; `operate` sends again, cancels, names phones; `admin` makes tokens, purges, exports. */
export const ROLES = ['read', 'operate', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Whether somebody of a role may do what needs another one. */
export const allows = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);
