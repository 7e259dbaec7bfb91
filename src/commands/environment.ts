/** What the environment variables of options begin with. */
export const environmentPrefix = 'SALLYPORT_';
