/** The version of this program; held equal to package.json by `npm run generate`. */
export const VERSION = '0.1.0';
/** Where the actions and their releases live. */
export const REPOSITORY = 'sallyport/sallyport';
