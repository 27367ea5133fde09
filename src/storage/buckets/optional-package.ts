import { MissingComponentError } from '../../base/errors.ts';

/**
 * Loads an optional peer dependency. Throws a MissingComponentError with the command that installs it.
 *
 * @param why what it is needed for, as the beginning of a sentence: `The credentials for gs://bucket need`
 * @param load stands in for `import` in tests
 */
export async function loadOptional(
  name: string,
  why: string,
  load: (name: string) => Promise<unknown> = (specifier) => import(specifier),
): Promise<unknown> {
  try {
    return await load(name);
  } catch (cause) {
    throw new MissingComponentError(`${why} the package ${name}. Install it with: npm install ${name}`, {
      component: name,
      cause,
    });
  }
}

/** A property of a value of unknown type, or undefined. */
export function propertyOf(value: unknown, name: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  return Reflect.get(value, name);
}

/** Makes an instance of a class that a module exports; undefined where it exports none of that name. */
export function construct(module: unknown, className: string, ...args: readonly unknown[]): unknown {
  const found = propertyOf(module, className) ?? propertyOf(propertyOf(module, 'default'), className);
  return typeof found === 'function' ? Reflect.construct(found, args) : undefined;
}

/** Calls a function of unknown type; undefined where the value is no function. */
export async function callUnknown(value: unknown, ...args: readonly unknown[]): Promise<unknown> {
  return typeof value === 'function' ? await Reflect.apply(value, undefined, args) : undefined;
}

/** Calls a method of a value of unknown type; undefined where it has none of that name. */
export async function callMethod(value: unknown, name: string, ...args: readonly unknown[]): Promise<unknown> {
  const method = propertyOf(value, name);
  return typeof method === 'function' ? await Reflect.apply(method, value, args) : undefined;
}

/**
 * The result of the work. Throws an error named TimeoutError when it takes longer: libraries of credentials have no
 * time limits that one could rely on.
 */
export async function withinTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    const error = Object.assign(new Error(`no answer within ${timeoutMs} ms`), { name: 'TimeoutError' });
    timer = setTimeout(() => reject(error), timeoutMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
